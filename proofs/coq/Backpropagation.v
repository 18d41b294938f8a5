(* T2 (proofs/t2_backpropagation.py): the delta recursion is the derivative of the cost, for every depth and
   all widths.

   D f d stands for "f has the derivative d at t0". Here it is any predicate with the rules of the calculus for
   constants, sums and products; EpsilonDelta.v puts in the derivative of the textbooks. An activation needs a
   derivative only where the network is evaluated: ReLU is included wherever no weighted input is 0.

   adjoint               sum_k dC/da^L_k da^L_k = sum of gradient times velocity, pure algebra
   backprop_correct      along any differentiable path of parameters
   backprop_partial_W    dC/dw^l_kj = delta^l_k a^(l-1)_j
   backprop_partial_B    dC/db^l_k = delta^l_k *)
From mathcomp Require Import all_ssreflect ssralg.
From Symderive Require Import Network.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Adjoint.
Variable R : comRingType.
Variables (L : nat) (n : nat -> nat) (sigma dsigma : nat -> R -> R).
Notation act := (act n sigma).
Notation pre := (pre n sigma).
Notation delta := (delta L n sigma dsigma).
Notation grad := (grad L n sigma dsigma).

(* ---- purely algebraic half: forward tangent vs. backward delta ---- *)
Section Tangent.
Variables (th v : param R) (s : sample R).
Fixpoint dact (l k : nat) : R :=
  if l is l'.+1 then
    dsigma l (pre th s l k) *
    (\sum_(j < n l') (W th l k j * dact l' j + act th s l' j * W v l k j) + B v l k)
  else 0.
Definition dpre (l k : nat) : R :=
  \sum_(j < n l.-1) (W th l k j * dact l.-1 j + act th s l.-1 j * W v l k j) + B v l k.
Definition pairing (g : param R) (l : nat) : R :=
  \sum_(k < n l) (\sum_(j < n l.-1) W g l k j * W v l k j + B g l k * B v l k).

Lemma delta_dpre l : (l < L)%N ->
  \sum_(k < n l.+1) delta th s l.+1 k * dpre l.+1 k =
  \sum_(i < l.+1) pairing (grad th s) i.+1.
Proof.
elim: l => [|l IH] lL.
  rewrite big_ord_recl big_ord0 addr0; apply: eq_bigr => k _; rewrite /dpre /= mulrDr mulr_sumr.
  by congr (_ + _); apply: eq_bigr => j _; rewrite mulr0 add0r mulrA.
rewrite big_ord_recr /= -IH; last exact: ltnW.
transitivity (\sum_(k < n l.+2)
  (\sum_(j < n l.+1) delta th s l.+2 k * (W th l.+2 k j * dact l.+1 j) +
   (\sum_(j < n l.+1) delta th s l.+2 k * act th s l.+1 j * W v l.+2 k j + delta th s l.+2 k * B v l.+2 k))).
  apply: eq_bigr => k _; rewrite /dpre mulrDr big_split mulrDr /= !mulr_sumr addrA.
  by congr (_ + _ + _); apply: eq_bigr => j _; rewrite mulrA.
rewrite big_split /=; congr (_ + _).
rewrite exchange_big /=; apply: eq_bigr => j _.
rewrite (delta_rec n sigma dsigma th s j lL) mulr_suml mulr_suml.
by apply: eq_bigr => k _; rewrite -/(dpre l.+1 j) mulrCA !mulrA; congr (_ * _); rewrite mulrAC -mulrA mulrC mulrA.
Qed.

Lemma dactE l k : (0 < l)%N -> dact l k = dsigma l (pre th s l k) * dpre l k.
Proof. by case: l. Qed.

Lemma adjoint : (0 < L)%N ->
  \sum_(k < n L) dloss s (output L n sigma th s) k * dact L k =
  \sum_(i < L) pairing (grad th s) i.+1.
Proof.
move=> L0; have := @delta_dpre L.-1; rewrite prednK // => <- //.
by apply: eq_bigr => k _; rewrite delta_top dactE // mulrA.
Qed.
End Tangent.

(* ---- analytic half: dact is the derivative along any path of parameters ---- *)
Section Path.
Variables (t0 : R) (D : (R -> R) -> R -> Prop).
Hypothesis D_ext : forall f g d, (forall t, f t = g t) -> D f d -> D g d.
Hypothesis D_const : forall c, D (fun _ => c) 0.
Hypothesis D_add : forall f g df dg, D f df -> D g dg -> D (fun t => f t + g t) (df + dg).
Hypothesis D_mul : forall f g df dg, D f df -> D g dg ->
  D (fun t => f t * g t) (f t0 * dg + g t0 * df).

Lemma D_sum m (f : nat -> R -> R) (df : nat -> R) :
  (forall k, (k < m)%N -> D (f k) (df k)) ->
  D (fun t => \sum_(k < m) f k t) (\sum_(k < m) df k).
Proof.
elim: m => [|m IH] H.
  by rewrite big_ord0; apply: D_ext (D_const 0) => t; rewrite big_ord0.
rewrite big_ord_recr /=; apply: D_ext (D_add (IH _) (H m _)) => [t||//].
  by rewrite big_ord_recr.
by move=> k /ltnW; apply: H.
Qed.

Variables (th : R -> param R) (v : param R) (s : sample R).
Hypothesis D_path : forall l k, (l < L)%N -> (k < n l.+1)%N ->
  (forall j, (j < n l)%N -> D (fun t => W (th t) l.+1 k j) (W v l.+1 k j)) /\
  D (fun t => B (th t) l.+1 k) (B v l.+1 k).
(* only along the path, and only at t0 *)
Hypothesis D_sigma : forall l k df, (l < L)%N -> (k < n l.+1)%N ->
  D (fun t => pre (th t) s l.+1 k) df ->
  D (fun t => sigma l.+1 (pre (th t) s l.+1 k)) (dsigma l.+1 (pre (th t0) s l.+1 k) * df).

Lemma D_act l k : (l <= L)%N -> (k < n l)%N ->
  D (fun t => act (th t) s l k) (dact (th t0) v s l k).
Proof.
elim: l k => [|l IH] k lL kn; first exact: D_const.
have [HW HB] := D_path lL kn.
apply: (D_sigma lL kn).
apply: D_add HB; apply: (D_sum (f := fun j t => W (th t) l.+1 k j * act (th t) s l j)
  (df := fun j => W (th t0) l.+1 k j * dact (th t0) v s l j + act (th t0) s l j * W v l.+1 k j)).
by move=> j jn; apply: D_mul; [exact: HW|apply: IH => //; exact: ltnW].
Qed.

(* loss: any C whose derivative along differentiable paths is given by dloss *)
Variable (C : seq R -> R).
Definition loss_diff := forall (y : nat -> R -> R) (dy : nat -> R),
  (forall k, (k < n L)%N -> D (y k) (dy k)) ->
  D (fun t => C (mkseq (fun k => y k t) (n L)))
    (\sum_(k < n L) dloss s (mkseq (fun k0 => y k0 t0) (n L)) k * dy k).
Hypothesis C_diff : loss_diff.

(* derivative of the loss along the path = <backprop gradient, velocity> *)
Theorem backprop_correct : (0 < L)%N ->
  D (fun t => C (output L n sigma (th t) s))
    (\sum_(i < L) pairing v (grad (th t0) s) i.+1).
Proof.
by move=> L0; rewrite -adjoint //; apply: C_diff => k kn; apply: D_act.
Qed.

(* squared-error loss satisfies loss_diff: C(y) = sum_k (y_k - tg_k)^2 *)
Lemma sqerr_diff (tg : nat -> R) :
  (forall y k, dloss s y k = (y`_k - tg k) *+ 2) ->
  forall (y : nat -> R -> R) (dy : nat -> R),
  (forall k, (k < n L)%N -> D (y k) (dy k)) ->
  D (fun t => \sum_(k < n L) ((mkseq (fun k => y k t) (n L))`_k - tg k) ^+ 2)
    (\sum_(k < n L) dloss s (mkseq (fun k0 => y k0 t0) (n L)) k * dy k).
Proof.
move=> Hd y dy Hy.
apply: (@D_ext (fun t => \sum_(k < n L) (y k t + - tg k) * (y k t + - tg k))).
  by move=> t; apply: eq_bigr => k _; rewrite nth_mkseq // expr2.
rewrite (_ : (\sum_(k < n L) dloss s (mkseq (fun k0 => y k0 t0) (n L)) k * dy k) = \sum_(k < n L)
  ((y k t0 + - tg k) * (dy k + 0) + (y k t0 + - tg k) * (dy k + 0))); last first.
  by apply: eq_bigr => k _; rewrite Hd nth_mkseq // addr0 mulrnAl mulr2n.
apply: (D_sum (f := fun k t => (y k t + - tg k) * (y k t + - tg k))
  (df := fun k => (y k t0 + - tg k) * (dy k + 0) + (y k t0 + - tg k) * (dy k + 0))) => k kn.
by apply: D_mul; apply: D_add => //; exact: Hy.
Qed.
End Path.

(* ---- single-weight version: d C / d w^l_{kj} = delta^l_k a^{l-1}_j ---- *)
Definition setW (th : param R) l k j (t : R) : param R :=
  Param (fun l' k' j' => if (l' == l) && (k' == k) && (j' == j) then t else W th l' k' j') (B th).
Definition oneW l k j : param R :=
  Param (fun l' k' j' => ((l' == l) && (k' == k) && (j' == j))%:R) (fun _ _ => 0).
Definition setB (th : param R) l k (t : R) : param R :=
  Param (W th) (fun l' k' => if (l' == l) && (k' == k) then t else B th l' k').
Definition oneB l k : param R :=
  Param (fun _ _ _ => 0) (fun l' k' => ((l' == l) && (k' == k))%:R).

Lemma hidden_perm_id : hidden_perm L n (fun _ => id).
Proof. by split=> // l _; exact: is_perm_id. Qed.

Lemma sum1 m (F : nat -> R) i : (i < m)%N -> (forall k, (k < m)%N -> k != i -> F k = 0) ->
  \sum_(k < m) F k = F i.
Proof.
move=> im H; rewrite (bigD1 (Ordinal im)) //= big1 ?addr0 // => k ki.
by apply: H => //; apply: contra ki => /eqP E; apply/eqP/val_inj.
Qed.

Section Partial.
Variable (D : R -> (R -> R) -> R -> Prop).
Hypothesis D_ext : forall t0 f g d, (forall t, f t = g t) -> D t0 f d -> D t0 g d.
Hypothesis D_const : forall t0 c, D t0 (fun _ => c) 0.
Hypothesis D_var : forall t0, D t0 (fun t => t) 1.
Hypothesis D_add : forall t0 f g df dg, D t0 f df -> D t0 g dg -> D t0 (fun t => f t + g t) (df + dg).
Hypothesis D_mul : forall t0 f g df dg, D t0 f df -> D t0 g dg ->
  D t0 (fun t => f t * g t) (f t0 * dg + g t0 * df).
Variables (th : param R) (s : sample R) (C : seq R -> R).
(* sigma_l has the derivative dsigma_l at the weighted inputs of this network and this sample *)
Hypothesis D_sigma : forall t0 l k f df, (l < L)%N -> (k < n l.+1)%N -> f t0 = pre th s l.+1 k ->
  D t0 f df -> D t0 (fun t => sigma l.+1 (f t)) (dsigma l.+1 (f t0) * df).
Hypothesis C_diff : forall t0, loss_diff t0 (D t0) s C.
Variables (l k : nat) (lL : (l < L)%N) (kn : (k < n l.+1)%N).

Theorem backprop_partial_W j : (j < n l)%N ->
  D (W th l.+1 k j) (fun t => C (output L n sigma (setW th l.+1 k j t) s))
    (delta th s l.+1 k * act th s l j).
Proof.
move=> jn; set t0 := W th l.+1 k j.
have L0 : (0 < L)%N by exact: leq_ltn_trans lL.
have P := @backprop_correct t0 (D t0) (@D_ext t0) (@D_const t0) (@D_add t0) (@D_mul t0)
  (setW th l.+1 k j) (oneW l.+1 k j) s _ _ C (@C_diff t0) L0.
have -> : delta th s l.+1 k * act th s l j =
  \sum_(i < L) pairing (oneW l.+1 k j) (grad (setW th l.+1 k j t0) s) i.+1.
  rewrite (@sum1 _ (fun i => pairing (oneW l.+1 k j) (grad (setW th l.+1 k j t0) s) i.+1) l) //.
    rewrite /pairing (@sum1 _ (fun k0 => \sum_(j0 < n l.+1.-1) W (grad (setW th l.+1 k j t0) s) l.+1 k0 j0 * W (oneW l.+1 k j) l.+1 k0 j0 + B (grad (setW th l.+1 k j t0) s) l.+1 k0 * B (oneW l.+1 k j) l.+1 k0) k) //.
      rewrite (@sum1 _ (fun j0 => W (grad (setW th l.+1 k j t0) s) l.+1 k j0 * W (oneW l.+1 k j) l.+1 k j0) j) //.
        rewrite /= !eqxx mulr1 mulr0 addr0.
        have Hr : rel L n (fun _ => id) (setW th l.+1 k j t0) th.
          move=> l' k' _ _; split=> // j' _ /=.
          by case: ifP => // /andP[/andP[/eqP -> /eqP ->] /eqP ->].
        have [H _] := grad_equiv sigma dsigma hidden_perm_id s Hr lL kn.
        by rewrite -[LHS]/(W (grad th s) l.+1 k j) H.
      by move=> j' _ jj; rewrite /= !eqxx (negPf jj) mulr0.
    move=> k' _ kk; rewrite /= mulr0 addr0 big1 // => j' _.
    by rewrite (negPf kk) andbF mulr0.
  move=> i _ il; rewrite /pairing big1 // => k' _; rewrite /= mulr0 addr0 big1 // => j' _.
  by rewrite eqSS (negPf il) mulr0.
apply: P => l' k' => [l'L k'n|df l'L k'n].
  split=> [j' j'n|] /=; last exact: D_const.
  by case: (_ && _); [exact: D_var|exact: D_const].
have Hr : rel L n (fun _ => id) th (setW th l.+1 k j t0).
  move=> l0 k0 _ _; split=> // j0 _ /=.
  by case: ifP => // /andP[/andP[/eqP -> /eqP ->] /eqP ->].
by apply: (D_sigma l'L k'n); exact: (pre_equiv sigma hidden_perm_id s Hr l'L k'n).
Qed.

Theorem backprop_partial_B :
  D (B th l.+1 k) (fun t => C (output L n sigma (setB th l.+1 k t) s)) (delta th s l.+1 k).
Proof.
set t0 := B th l.+1 k.
have L0 : (0 < L)%N by exact: leq_ltn_trans lL.
have P := @backprop_correct t0 (D t0) (@D_ext t0) (@D_const t0) (@D_add t0) (@D_mul t0)
  (setB th l.+1 k) (oneB l.+1 k) s _ _ C (@C_diff t0) L0.
have -> : delta th s l.+1 k =
  \sum_(i < L) pairing (oneB l.+1 k) (grad (setB th l.+1 k t0) s) i.+1.
  have E m k' : \sum_(j0 < m) W (grad (setB th l.+1 k t0) s) l.+1 k' j0 * W (oneB l.+1 k) l.+1 k' j0 = 0.
    by rewrite big1 // => j' _; rewrite mulr0.
  rewrite (@sum1 _ (fun i => pairing (oneB l.+1 k) (grad (setB th l.+1 k t0) s) i.+1) l) //.
    rewrite /pairing (@sum1 _ (fun k0 => \sum_(j0 < n l.+1.-1) W (grad (setB th l.+1 k t0) s) l.+1 k0 j0 * W (oneB l.+1 k) l.+1 k0 j0 + B (grad (setB th l.+1 k t0) s) l.+1 k0 * B (oneB l.+1 k) l.+1 k0) k) //.
      rewrite E add0r /= !eqxx mulr1.
      have Hr : rel L n (fun _ => id) (setB th l.+1 k t0) th.
        move=> l' k' _ _; split=> //= .
        by case: ifP => // /andP[/eqP -> /eqP ->].
      by have [_ H] := grad_equiv sigma dsigma hidden_perm_id s Hr lL kn; exact: H.
    by move=> k' _ kk; rewrite E add0r /= (negPf kk) andbF mulr0.
  move=> i _ il; rewrite /pairing big1 // => k' _; rewrite /= eqSS (negPf il) mulr0 addr0 big1 // => j' _.
  by rewrite mulr0.
apply: P => l' k' => [l'L k'n|df l'L k'n].
  split=> [j' j'n|] /=; first exact: D_const.
  by case: (_ && _); [exact: D_var|exact: D_const].
have Hr : rel L n (fun _ => id) th (setB th l.+1 k t0).
  by move=> l0 k0 _ _; split=> //=; case: ifP => // /andP[/eqP -> /eqP ->].
by apply: (D_sigma l'L k'n); exact: (pre_equiv sigma hidden_perm_id s Hr l'L k'n).
Qed.
End Partial.
End Adjoint.
