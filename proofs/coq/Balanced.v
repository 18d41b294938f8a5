(* What T7 and T8b share: a network and its quotient by a colouring c of the neurons. Where neurons of one colour have
   equal biases, equal sums of incoming weights from each colour and equal sums of outgoing weights into each colour,
   activations, deltas and gradients are those of the quotient, and a rule that changes weights between two colours
   alike keeps it so. Both networks satisfy the same equations, the quotient with K for n. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------- a colouring ---------------------------------------------- *)
Record colouring (real : realFieldType) (L : nat) (n K : nat -> nat) (M c : nat -> nat -> nat) : Prop := Colouring {
  begin_at_1 : forall l j : nat, (l <= L)%N -> (1 <= j <= n l)%N -> (1 <= c l j)%N%:R = 1 :> real;
  end_at_K : forall l j : nat, (l <= L)%N -> (1 <= j <= n l)%N -> (c l j <= K l)%N%:R = 1 :> real;
  members : forall l g : nat, (l <= L)%N -> (1 <= g <= K l)%N ->
    (M l g)%:R = \sum_(1 <= j < (n l).+1) ((g == c l j)%N%:R) :> real;
  not_none : forall l g : nat, (l <= L)%N -> (1 <= g <= K l)%N -> (0 < M l g)%N;
  inputs : forall j : nat, (1 <= j <= n 0%N)%N -> c 0%N j = j;
  outputs : forall j : nat, (1 <= j <= n L)%N -> c L j = j;
  as_many : K L = n L }.

Section Colours.
Variables (real : realFieldType) (L : nat) (n K : nat -> nat) (M c : nat -> nat -> nat).
Hypothesis col : colouring real L n K M c.

Lemma colour_range l j : (l <= L)%N -> (1 <= j <= n l)%N -> (1 <= c l j <= K l)%N.
Proof.
move=> lL jn; have truth (x : bool) : x%:R = 1 :> real -> x by case: x => // /eqP; rewrite eq_sym oner_eq0.
by rewrite (truth _ (begin_at_1 col lL jn)) (truth _ (end_at_K col lL jn)).
Qed.

(* [g = c(j)] f(c(j)), summed over the neurons, is M_g f(g) *)
Lemma counted l g (F : nat -> real) : (l <= L)%N -> (1 <= g <= K l)%N ->
  \sum_(1 <= j < (n l).+1) (g == c l j)%:R * F (c l j) = (M l g)%:R * F g.
Proof.
move=> lL gK; rewrite (members col lL gK) mulr_suml; apply: eq_sum => j jn.
by case: eqP => [->|_]; rewrite ?mul0r.
Qed.

(* a sum over the neurons of a function of the colour, colour by colour *)
Lemma by_colours l (F G : nat -> real) : (l <= L)%N ->
  \sum_(1 <= j < (n l).+1) F (c l j) * G j =
  \sum_(1 <= u < (K l).+1) F u * \sum_(1 <= j < (n l).+1) (u == c l j)%:R * G j.
Proof.
move=> lL; transitivity (\sum_(1 <= j < (n l).+1) \sum_(1 <= u < (K l).+1) (u == c l j)%:R * (F u * G j)).
  by apply: eq_sum => j jn; rewrite (sum_kronecker (fun u => F u * G j)) //; exact: colour_range.
rewrite exchange_big_nat /=; apply: eq_sum => u uK; rewrite mulr_sumr.
by apply: eq_sum => j jn; rewrite mulrCA.
Qed.

Lemma not_0 l g : (l <= L)%N -> (1 <= g <= K l)%N -> (M l g)%:R != 0 :> real.
Proof. by move=> lL gK; rewrite pnatr_eq0 -lt0n (not_none col). Qed.

Lemma alone j : (1 <= j <= n L)%N -> (M L j)%:R = 1 :> real.
Proof.
move=> jn; rewrite (members col) ?(as_many col) //; transitivity (\sum_(1 <= k < (n L).+1) (k == j)%:R * 1 : real).
  by apply: eq_sum => k kn; rewrite (outputs col) // eq_sym mulr1.
by rewrite (sum_kronecker (fun=> 1)).
Qed.
End Colours.

(* ------------------------------------------- a network at every step ---------------------------------------- *)
Record run (real : realFieldType) (B L T : nat) (dsigma sigma : nat -> real -> real)
  (cost_1 : nat -> seq real -> seq real -> real) (x y : nat -> nat -> nat -> real) (n : nat -> nat)
  (a delta z w grad_w : nat -> nat -> nat -> nat -> real) (b grad_b : nat -> nat -> nat -> real) : Prop := Run {
  input : forall t s j : nat, (t <= T)%N -> (1 <= s <= B)%N -> (1 <= j <= n 0%N)%N -> a t 0%N s j = x t s j;
  weighted_input : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
    z t l s j = b t l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a t (l - 1)%N s k * w t l j k);
  activation : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
    a t l s j = sigma l (z t l s j);
  delta_last : forall t s j : nat, (t <= T)%N -> (1 <= s <= B)%N -> (1 <= j <= n L)%N ->
    delta t L s j = (dsigma L (z t L s j)) * (cost_1 j [seq a t L s k | k <- index_iota 1%N (n L).+1]
      [seq y t s k | k <- index_iota 1%N (n L).+1]) / B%:R;
  delta_hidden : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L - 1)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
    delta t l s j =
    (dsigma l (z t l s j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta t (l + 1)%N s k * w t (l + 1)%N k j);
  gradient_w : forall t l j k : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
    (1 <= k <= n (l - 1)%N)%N -> grad_w t l j k = \sum_(1 <= s < B.+1) a t (l - 1)%N s k * delta t l s j;
  gradient_b : forall t l j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
    grad_b t l j = \sum_(1 <= s < B.+1) delta t l s j }.

Section Balance.
Variables (real : realFieldType) (B L T : nat) (n K : nat -> nat) (M c : nat -> nat -> nat).
Variables (dsigma sigma : nat -> real -> real) (cost_1 : nat -> seq real -> seq real -> real).
Variables (x y : nat -> nat -> nat -> real).
Variables (a delta z w grad_w : nat -> nat -> nat -> nat -> real) (b grad_b : nat -> nat -> nat -> real).
Variables (a_bar delta_bar z_bar w_bar grad_w_bar : nat -> nat -> nat -> nat -> real).
Variables (b_bar grad_b_bar : nat -> nat -> nat -> real).
Hypothesis col : colouring real L n K M c.
Hypothesis fine : run B L T dsigma sigma cost_1 x y n a delta z w grad_w b grad_b.
Hypothesis coarse : run B L T dsigma sigma cost_1 x y K a_bar delta_bar z_bar w_bar grad_w_bar b_bar grad_b_bar.

Record balanced (t : nat) : Prop := Balanced {
  balanced_bias : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> b t l j = b_bar t l (c l j);
  balanced_in : forall l j g : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= g <= K (l - 1)%N)%N ->
    \sum_(1 <= k < (n (l - 1)%N).+1) ((g == c (l - 1)%N k)%N%:R) * w t l j k = w_bar t l (c l j) g;
  balanced_out : forall l k g : nat, (1 <= l <= L)%N -> (1 <= k <= n (l - 1)%N)%N -> (1 <= g <= K l)%N ->
    \sum_(1 <= j < (n l).+1) ((g == c l j)%N%:R) * w t l j k =
    ((M l g)%:R) * w_bar t l g (c (l - 1)%N k) / ((M (l - 1)%N (c (l - 1)%N k))%:R) }.

Definition shared (t : nat) : Prop :=
  forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = w_bar t l (c l j) (c (l - 1)%N k) / ((M (l - 1)%N (c (l - 1)%N k))%:R).

(* ------------------------------------------------ at one step ----------------------------------------------- *)
Section Step.
Variable t : nat.
Hypotheses (tT : (t <= T)%N) (bal : balanced t).

Lemma step_z l s j : (1 <= l <= L)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
  (forall k, (1 <= k <= n (l - 1)%N)%N -> a t (l - 1)%N s k = a_bar t (l - 1)%N s (c (l - 1)%N k)) ->
  z t l s j = z_bar t l s (c l j).
Proof.
move=> lL sB jn below; have l0 : (l <= L)%N by lia.
have cK := colour_range col l0 jn.
rewrite (weighted_input fine) // (weighted_input coarse) // (balanced_bias bal) //; congr (_ + _).
have l1 : (l - 1 <= L)%N by lia.
rewrite (eq_sum (G := fun k => a_bar t (l - 1)%N s (c (l - 1)%N k) * w t l j k)) => [|k kn]; last by rewrite below.
rewrite (by_colours col (a_bar t (l - 1)%N s) (w t l j) l1); apply: eq_sum => u uK.
by rewrite (balanced_in bal).
Qed.

Lemma step_a l s j : (l <= L)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N -> a t l s j = a_bar t l s (c l j).
Proof.
elim: l j => [|l IH] j lL sB jn; have cK := colour_range col lL jn.
  by rewrite (input fine) // (input coarse) // (inputs col).
rewrite (activation fine) // (activation coarse) //; congr (sigma _ _).
by apply: step_z => // k; rewrite subn1 /= => kn; apply: IH => //; exact: ltnW.
Qed.

Lemma step_weighted l s j : (1 <= l <= L)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
  z t l s j = z_bar t l s (c l j).
Proof. by move=> lL sB jn; apply: step_z => // k kn; apply: step_a => //; lia. Qed.

Lemma step_outputs s : (1 <= s <= B)%N ->
  [seq a t L s k | k <- index_iota 1%N (n L).+1] = [seq a_bar t L s k | k <- index_iota 1%N (K L).+1].
Proof.
move=> sB; rewrite (as_many col); apply/eq_in_map => k; rewrite mem_index_iota ltnS => kn.
by rewrite step_a // (outputs col).
Qed.

Lemma step_delta l s j : (1 <= l <= L)%N -> (1 <= s <= B)%N -> (1 <= j <= n l)%N ->
  delta t l s j = delta_bar t l s (c l j) / (M l (c l j))%:R.
Proof.
move=> lL sB; have [d dL] : exists d, d = (L - l)%N by exists (L - l)%N.
elim: d l dL lL j => [|d IH] l dL lL j jn.
  have lE : l = L by lia.
  rewrite {}lE in jn lL *; have cK : (1 <= j <= K L)%N by rewrite (as_many col).
  rewrite (delta_last fine) // step_weighted // step_outputs // (outputs col) // (alone col) // divr1.
  by rewrite (delta_last coarse) // (as_many col).
have l0 : (l <= L)%N by lia.
have l1 : (1 <= l <= L - 1)%N by lia.
have up : (1 <= l + 1 <= L)%N by lia.
have up0 : (l + 1 <= L)%N by lia.
have cK := colour_range col l0 jn.
rewrite (delta_hidden fine) // (delta_hidden coarse) // step_weighted // -mulrA; congr (_ * _).
pose share u := delta_bar t (l + 1)%N s u / (M (l + 1)%N u)%:R.
rewrite (eq_sum (G := fun k => share (c (l + 1)%N k) * w t (l + 1)%N k j)) => [|k kn]; last first.
  by rewrite IH //; lia.
rewrite (by_colours col share (fun k => w t (l + 1)%N k j) up0) mulr_suml; apply: eq_sum => u uK.
rewrite (balanced_out bal) ?addnK // /share; field.
by rewrite !(not_0 col).
Qed.

Lemma step_grad_w l j k : (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w t l j k = grad_w_bar t l (c l j) (c (l - 1)%N k) / (M l (c l j))%:R.
Proof.
move=> lL jn kn; have l0 : (l <= L)%N by lia.
have l1 : (l - 1 <= L)%N by lia.
have jK := colour_range col l0 jn; have kK := colour_range col l1 kn.
rewrite (gradient_w fine) // (gradient_w coarse) // mulr_suml; apply: eq_sum => s sB.
by rewrite step_a // step_delta // mulrA.
Qed.

Lemma step_grad_b l j : (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b t l j = grad_b_bar t l (c l j) / (M l (c l j))%:R.
Proof.
move=> lL jn; have l0 : (l <= L)%N by lia.
have jK := colour_range col l0 jn.
rewrite (gradient_b fine) // (gradient_b coarse) // mulr_suml; apply: eq_sum => s sB.
by rewrite step_delta.
Qed.
End Step.

(* --------------------------------------- from one step to the next ------------------------------------------ *)
(* A rule multiplies a parameter and adds a change: in the quotient the change of a weight is M times that of the
   weights that it comes from, M the number of neurons that these come from. *)
Section Change.
Variables (t : nat) (alpha beta : real) (change_w change_w_bar : nat -> nat -> nat -> real).
Variables (change_b change_b_bar : nat -> nat -> real).
Hypothesis rule_w : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w (t + 1)%N l j k = alpha * w t l j k + change_w l j k.
Hypothesis rule_w_bar : forall l g h : nat, (1 <= l <= L)%N -> (1 <= g <= K l)%N -> (1 <= h <= K (l - 1)%N)%N ->
  w_bar (t + 1)%N l g h = alpha * w_bar t l g h + ((M (l - 1)%N h)%:R) * change_w_bar l g h.
Hypothesis alike_w : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  change_w l j k = change_w_bar l (c l j) (c (l - 1)%N k).

Lemma next_shared : shared t -> shared (t + 1)%N.
Proof.
move=> same l j k lL jn kn; have l0 : (l <= L)%N by lia.
have l1 : (l - 1 <= L)%N by lia.
have jK := colour_range col l0 jn; have kK := colour_range col l1 kn.
rewrite rule_w // rule_w_bar // alike_w // same //; field; exact: (not_0 col).
Qed.

Hypothesis rule_b : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b (t + 1)%N l j = beta * b t l j + change_b l j.
Hypothesis rule_b_bar : forall l g : nat, (1 <= l <= L)%N -> (1 <= g <= K l)%N ->
  b_bar (t + 1)%N l g = beta * b_bar t l g + change_b_bar l g.
Hypothesis alike_b : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  change_b l j = change_b_bar l (c l j).

Lemma next_balanced : balanced t -> balanced (t + 1)%N.
Proof.
move=> bal; split=> [l j lL jn|l j g lL jn gK|l k g lL kn gK].
- have l0 : (l <= L)%N by lia.
  by rewrite rule_b // rule_b_bar ?(colour_range col) // alike_b // (balanced_bias bal).
- have l0 : (l <= L)%N by lia.
  have l1 : (l - 1 <= L)%N by lia.
  have jK := colour_range col l0 jn.
  rewrite rule_w_bar // -(balanced_in bal) // -(counted col (change_w_bar l (c l j)) l1 gK) mulr_sumr -big_split /=.
  by apply: eq_sum => k kn; rewrite rule_w // alike_w //; ring.
- have l0 : (l <= L)%N by lia.
  have l1 : (l - 1 <= L)%N by lia.
  have kK := colour_range col l1 kn.
  transitivity (alpha * (\sum_(1 <= j < (n l).+1) ((g == c l j)%N%:R) * w t l j k) +
    (M l g)%:R * change_w_bar l g (c (l - 1)%N k)).
    rewrite -(counted col (fun u => change_w_bar l u (c (l - 1)%N k)) l0 gK) mulr_sumr -big_split /=.
    by apply: eq_sum => j jn; rewrite rule_w // alike_w //; ring.
  rewrite (balanced_out bal) // rule_w_bar //; field; exact: (not_0 col).
Qed.
End Change.

(* ------------------------------------------------- at the start --------------------------------------------- *)
Hypothesis start_b : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> b 0%N l j = b_bar 0%N l (c l j).

(* outgoing sums that depend on the colours alone are those of the quotient: the weights between two colours are
   counted by rows and by columns *)
Lemma start_from_sums (V : nat -> nat -> nat -> real) :
  (forall l j g : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= g <= K (l - 1)%N)%N ->
    \sum_(1 <= k < (n (l - 1)%N).+1) ((g == c (l - 1)%N k)%N%:R) * w 0%N l j k = w_bar 0%N l (c l j) g) ->
  (forall l k g : nat, (1 <= l <= L)%N -> (1 <= k <= n (l - 1)%N)%N -> (1 <= g <= K l)%N ->
    \sum_(1 <= j < (n l).+1) ((g == c l j)%N%:R) * w 0%N l j k = V l g (c (l - 1)%N k)) ->
  balanced 0%N.
Proof.
move=> start_in start_out; split=> // l k g lL kn gK; rewrite start_out //.
have l0 : (l <= L)%N by lia.
have l1 : (l - 1 <= L)%N by lia.
have := colour_range col l1 kn; set h := c (l - 1)%N k => hK.
have rows := counted col (fun u => w_bar 0%N l u h) l0 gK.
have columns := counted col (V l g) l1 hK.
suff E : (M (l - 1)%N h)%:R * V l g h = (M l g)%:R * w_bar 0%N l g h.
  by rewrite -E mulrC mulKf // (not_0 col).
rewrite -rows -columns.
transitivity (\sum_(1 <= i < (n (l - 1)%N).+1) \sum_(1 <= j < (n l).+1)
  (h == c (l - 1)%N i)%:R * ((g == c l j)%:R * w 0%N l j i)).
  by apply: eq_sum => i i_n; rewrite -mulr_sumr start_out.
rewrite exchange_big_nat /=; apply: eq_sum => j jn; rewrite -start_in // mulr_sumr.
by apply: eq_sum => i i_n; rewrite mulrCA.
Qed.

(* equal weights between two colours are balanced, and shared among the neurons that they come from *)
Section Tied.
Variable omega : nat -> nat -> nat -> real.
Hypothesis tied_w : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = omega l (c l j) (c (l - 1)%N k).
Hypothesis narrow : forall l g h : nat, (1 <= l <= L)%N -> (1 <= g <= K l)%N -> (1 <= h <= K (l - 1)%N)%N ->
  w_bar 0%N l g h = ((M (l - 1)%N h)%:R) * omega l g h.

Lemma start_shared : shared 0%N.
Proof.
move=> l j k lL jn kn; have l0 : (l <= L)%N by lia.
have l1 : (l - 1 <= L)%N by lia.
have jK := colour_range col l0 jn; have kK := colour_range col l1 kn.
by rewrite tied_w // narrow // mulrC mulKf // (not_0 col).
Qed.

Lemma start_from_ties : balanced 0%N.
Proof.
split=> // [l j g lL jn gK|l k g lL kn gK]; have l0 : (l <= L)%N by lia.
- have l1 : (l - 1 <= L)%N by lia.
  have jK := colour_range col l0 jn.
  rewrite narrow // -(counted col (omega l (c l j)) l1 gK).
  by apply: eq_sum => k kn; rewrite tied_w.
- have l1 : (l - 1 <= L)%N by lia.
  have kK := colour_range col l1 kn.
  transitivity ((M l g)%:R * omega l g (c (l - 1)%N k)).
    rewrite -(counted col (fun u => omega l u (c (l - 1)%N k)) l0 gK).
    by apply: eq_sum => j jn; rewrite tied_w.
  by rewrite narrow //; field; exact: (not_0 col).
Qed.
End Tied.
End Balance.
