(* T14, the second derivative along a direction: of any network with one hidden layer, sample by
   sample; and what of a sum of squares and exponentials is left where it is 0. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Sums T9.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

(* sums over three indices, the sum over the samples carried out *)
Lemma samples_out (R : ringType) B n m (f : nat -> nat -> nat -> R) :
  \sum_(1 <= r < n.+1) (\sum_(1 <= i < m.+1) (\sum_(1 <= s < B.+1) f r i s))
  = \sum_(1 <= s < B.+1) (\sum_(1 <= r < n.+1) (\sum_(1 <= i < m.+1) f r i s)).
Proof. by under eq_bigr do rewrite exchange_big; rewrite exchange_big. Qed.

(* a double sum of squares that is 0 has no other terms *)
Lemma double_squares_0 (real : realFieldType) n m (f : nat -> nat -> real) i j :
  \sum_(1 <= i < n.+1) (\sum_(1 <= j < m.+1) (f i j ^+ 2)) = 0 -> (1 <= i <= n)%N -> (1 <= j <= m)%N -> f i j = 0.
Proof.
move=> E iN jm; have zero : \sum_(1 <= j < m.+1) (f i j ^+ 2) = 0; last exact: (sum_squares_0 zero) jm.
move/eqP: E; rewrite psumr_eq0 => [|k _]; last by apply: sumr_ge0 => ? _; exact: sqr_ge0.
by move/allP/(_ i); rewrite mem_index_iota ltnS => /(_ iN) /eqP.
Qed.


(* an exponential of which only two laws are known *)
Section Exponential.
Variables (real : realFieldType) (exp : real -> real).
Hypothesis exp_of_0 : exp 0 = 1.
Hypothesis exp_of_a_sum : forall u v : real, exp (u + v) = exp u * exp v.

(* it is a square, of which 0 is none: its product with the value at - u is 1 *)
Lemma exponential_gt0 u : 0 < exp u.
Proof.
have half : exp u = exp (u / 2%:R) ^+ 2 by rewrite expr2 -exp_of_a_sum; congr exp; field.
rewrite lt_neqAle half sqr_ge0 andbT -half eq_sym; apply/eqP => E; move/eqP: (exp_of_a_sum u (- u)).
by rewrite subrr exp_of_0 E mul0r oner_eq0.
Qed.

(* a sum of terms that are not negative is 0: so are the lengths in it *)
Lemma nothing_left (b g l ahead out into alpha rho : real) : 0 <= ahead -> 0 <= out -> 0 <= into ->
  exp l * (exp b * ahead + alpha ^+ 2) + ((out + into) * exp g + rho ^+ 2) = 0 -> [/\ ahead = 0, out = 0 & into = 0].
Proof.
move=> ahead0 out0 into0; have ge u : 0 <= exp u by exact/ltW/exponential_gt0.
have one := addr_ge0 (mulr_ge0 (ge b) ahead0) (sqr_ge0 alpha).
have two := mulr_ge0 (addr_ge0 out0 into0) (ge g).
have three := mulr_ge0 (ge l) one; have four := addr_ge0 two (sqr_ge0 rho).
have gone u (f : real) : exp u * f == 0 -> f = 0 by rewrite mulf_eq0 (gt_eqF (exponential_gt0 u)) => /eqP.
move/eqP; rewrite (paddr_eq0 three four) => /andP[/gone/eqP].
rewrite (paddr_eq0 (mulr_ge0 (ge b) ahead0) (sqr_ge0 alpha)) => /andP[/gone -> _].
rewrite (paddr_eq0 two (sqr_ge0 rho)) mulrC => /andP[/gone/eqP + _].
by rewrite (paddr_eq0 out0 into0) => /andP[/eqP -> /eqP ->].
Qed.
End Exponential.

Section Along.
Variables (real : realFieldType) (B H K N : nat) (dsigma d2sigma : real -> real).
Variables (a bar_a bar_o grad_vC_a grad_vC_bar_a grad_vC_bar_o grad_vC_bar_z grad_vC_o : nat -> nat -> real).
Variables (grad_vC_v grad_vC_w grad_vC_z v v_v v_w x z : nat -> nat -> real) (q : real).
Hypothesis h_Hessian_incoming_weights : forall i k : nat, (1 <= i <= H)%N -> (1 <= k <= K)%N ->
  grad_vC_w i k = \sum_(1 <= s < B.+1) grad_vC_z s i * x s k.
Hypothesis h_Hessian_outgoing_weights : forall r i : nat, (1 <= r <= N)%N -> (1 <= i <= H)%N -> grad_vC_v r i =
  (\sum_(1 <= s < B.+1) a s i * grad_vC_o s r) + (\sum_(1 <= s < B.+1) bar_o s r * grad_vC_bar_a s i).
Hypothesis h_activation_moved : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N ->
  grad_vC_bar_a s i = (dsigma (z s i)) * grad_vC_bar_z s i.
Hypothesis h_delta_moved : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N -> grad_vC_z s i =
  (dsigma (z s i)) * grad_vC_a s i + (d2sigma (z s i)) * bar_a s i * grad_vC_bar_z s i.
Hypothesis h_derivative_by_an_activation_moved : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N ->
  grad_vC_a s i = (\sum_(1 <= r < N.+1) bar_o s r * v_v r i) + (\sum_(1 <= r < N.+1) grad_vC_o s r * v r i).
Hypothesis h_output_moved : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N -> grad_vC_bar_o s r =
  (\sum_(1 <= i < H.+1) a s i * v_v r i) + (\sum_(1 <= i < H.+1) grad_vC_bar_a s i * v r i).
Hypothesis h_second_derivative_along_the_direction : q =
  (\sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) grad_vC_v r i * v_v r i))
  + (\sum_(1 <= i < H.+1) (\sum_(1 <= k < K.+1) grad_vC_w i k * v_w i k)).
Hypothesis h_weighted_input_moved : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N ->
  grad_vC_bar_z s i = \sum_(1 <= k < K.+1) v_w i k * x s k.

(* what the outgoing weights contribute *)
Let outgoing : \sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) grad_vC_v r i * v_v r i)
  = \sum_(1 <= s < B.+1) (\sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1)
    (a s i * grad_vC_o s r * v_v r i + bar_o s r * grad_vC_bar_a s i * v_v r i))).
Proof.
rewrite -samples_out; apply: eq_sum => r rN; apply: eq_sum => i iH.
by rewrite h_Hessian_outgoing_weights // -big_split mulr_suml; apply: eq_sum => s sB; rewrite mulrDl.
Qed.

(* what the incoming weights contribute *)
Let incoming : \sum_(1 <= i < H.+1) (\sum_(1 <= k < K.+1) grad_vC_w i k * v_w i k)
  = \sum_(1 <= s < B.+1) (\sum_(1 <= i < H.+1) grad_vC_z s i * grad_vC_bar_z s i).
Proof.
transitivity (\sum_(1 <= i < H.+1) (\sum_(1 <= k < K.+1) (\sum_(1 <= s < B.+1) grad_vC_z s i * (v_w i k * x s k)))).
  apply: eq_sum => i iH; apply: eq_sum => k kK; rewrite h_Hessian_incoming_weights // mulr_suml.
  by apply: eq_sum => s sB; ring.
rewrite samples_out; apply: eq_sum => s sB; apply: eq_sum => i iH.
by rewrite h_weighted_input_moved // mulr_sumr.
Qed.

Theorem T14_second_derivative : q =
  (\sum_(1 <= s < B.+1) (\sum_(1 <= r < N.+1) grad_vC_bar_o s r * grad_vC_o s r))
  + (\sum_(1 <= s < B.+1) (\sum_(1 <= i < H.+1) (d2sigma (z s i)) * bar_a s i * (grad_vC_bar_z s i ^+ 2)))
  + 2%:R * (\sum_(1 <= s < B.+1) (\sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1)
    bar_o s r * grad_vC_bar_a s i * v_v r i))).
Proof.
rewrite h_second_derivative_along_the_direction outgoing incoming mulr_sumr -!big_split /=.
apply: eq_sum => s sB.
pose mixed := \sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) bar_o s r * grad_vC_bar_a s i * v_v r i).
pose direct := \sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) a s i * grad_vC_o s r * v_v r i).
pose back := \sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) grad_vC_bar_a s i * v r i * grad_vC_o s r).
pose bent := \sum_(1 <= i < H.+1) (d2sigma (z s i)) * bar_a s i * (grad_vC_bar_z s i ^+ 2).
have -> : \sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1)
    (a s i * grad_vC_o s r * v_v r i + bar_o s r * grad_vC_bar_a s i * v_v r i)) = direct + mixed.
  by rewrite /direct /mixed -big_split; apply: eq_sum => r rN; rewrite big_split.
have -> : \sum_(1 <= r < N.+1) grad_vC_bar_o s r * grad_vC_o s r = direct + back.
  rewrite /direct /back -big_split; apply: eq_sum => r rN; rewrite h_output_moved // mulrDl !mulr_suml.
  by congr (_ + _); apply: eq_sum => i iH; ring.
have -> : \sum_(1 <= i < H.+1) grad_vC_z s i * grad_vC_bar_z s i = mixed + back + bent.
  rewrite /mixed /back /bent; rewrite [X in X + _ + _]exchange_big [X in _ + X + _]exchange_big -!big_split /=.
  apply: eq_sum => i iH; rewrite h_delta_moved // mulrDl h_derivative_by_an_activation_moved //.
  congr (_ + _); last by ring.
  rewrite mulrDr mulrDl !mulr_sumr !mulr_suml.
  by congr (_ + _); apply: eq_sum => r rN; rewrite h_activation_moved //; ring.
rewrite -/mixed -/bent; move: mixed direct back bent => M D A C; ring.
Qed.
End Along.
