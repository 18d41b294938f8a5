(* The fully connected network of any depth and widths, over any commutative ring.

   T1 (proofs/t1_layer_equations.py)         act_0, act_S: a^0 = x, a^l_k = sigma_l(z^l_k)
   T3 (proofs/t3_permutation_invariance.py)  output_inv: the outputs, and with them the cost, do not change
   T4 (proofs/t4_equivariance.py)            delta_equiv, grad_equiv: deltas and gradients are renamed with
   the hidden neurons, all layers at once.

   sigma and dsigma are arbitrary functions here, one for each layer, and so is the derivative of the cost:
   ReLU with any value at 0 is included. Neurons are counted from 0; Statements.v has the same from 1. *)
From mathcomp Require Import all_ssreflect ssralg.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* W l k j : weight INTO neuron k of layer l FROM neuron j of layer l-1 ;
   B l k   : bias of neuron k of layer l ;  layers 1..L, input = layer 0. *)
Record param (T : Type) := Param { W : nat -> nat -> nat -> T; B : nat -> nat -> T }.

(* ---------- re-indexing a finite sum by a permutation of {0..n-1} --------- *)
Definition is_perm (n : nat) (q : nat -> nat) := perm_eq [seq q i | i <- iota 0 n] (iota 0 n).

Lemma is_perm_lt n q j : is_perm n q -> (j < n)%N -> (q j < n)%N.
Proof.
move=> Hq Hj; have : q j \in iota 0 n.
  by rewrite -(perm_mem Hq) map_f // mem_iota.
by rewrite mem_iota.
Qed.

Lemma sum_perm (R : comRingType) n q (F : nat -> R) : is_perm n q ->
  \sum_(j < n) F (q j) = \sum_(j < n) F j.
Proof.
move=> Hq; rewrite -(big_mkord xpredT F) -(big_mkord xpredT (F \o q)) /index_iota subn0.
by rewrite -[RHS](perm_big _ Hq) big_map.
Qed.

Definition tr (i j k : nat) := if k == i then j else if k == j then i else k.

Lemma is_perm_tr n i j : (i < n)%N -> (j < n)%N -> is_perm n (tr i j).
Proof.
move=> Hi Hj.
have lt k : (k < n)%N -> (tr i j k < n)%N by rewrite /tr; case: eqP => // _; case: eqP.
have trK : cancel (tr i j) (tr i j).
  move=> k; rewrite /tr; case: (eqVneq k i) => [->|ki].
    by case: (eqVneq j i) => [->|_]; rewrite ?eqxx.
  by case: (eqVneq k j) => [->|kj]; rewrite ?eqxx // (negPf ki) (negPf kj).
apply: uniq_perm; rewrite ?(map_inj_uniq (can_inj trK)) ?iota_uniq // => k.
rewrite mem_iota /= add0n; apply/mapP/idP => [[m]|Hk].
  by rewrite mem_iota => /= Hm ->; apply: lt.
by exists (tr i j k); rewrite ?trK // mem_iota /= add0n lt.
Qed.

Lemma is_perm_id n : is_perm n id.
Proof. by rewrite /is_perm map_id. Qed.

(* ------------------------------- network ---------------------------------- *)
Section Net.
Variable R : comRingType.
Variables (L : nat) (n : nat -> nat).           (* depth, widths n_0 .. n_L    *)
Variables (sigma dsigma : nat -> R -> R).       (* per layer, arbitrary        *)

Record sample := Sample { inp : nat -> R; dloss : seq R -> nat -> R }.

Section OneSample.
Variables (th : param R) (s : sample).

Fixpoint act (l k : nat) : R :=
  if l is l'.+1 then sigma l (\sum_(j < n l') W th l k j * act l' j + B th l k)
  else inp s k.
Definition pre (l k : nat) : R := \sum_(j < n l.-1) W th l k j * act l.-1 j + B th l k.
Definition output : seq R := mkseq (act L) (n L).

Fixpoint delta_at (m j : nat) : R :=             (* m = distance from the top   *)
  if m is m'.+1
  then (\sum_(k < n (L - m')) W th (L - m') k j * delta_at m' k) * dsigma (L - m) (pre (L - m) j)
  else dloss s output j * dsigma L (pre L j).
Definition delta (l j : nat) : R := delta_at (L - l) j.

Definition grad : param R :=
  Param (fun l k j => delta l k * act l.-1 j) (fun l k => delta l k).

(* textbook equations, as sanity theorems *)
Lemma act_0 k : act 0 k = inp s k. Proof. by []. Qed.
Lemma act_S l k : act l.+1 k = sigma l.+1 (pre l.+1 k). Proof. by []. Qed.
Lemma delta_top j : delta L j = dloss s output j * dsigma L (pre L j).
Proof. by rewrite /delta subnn. Qed.
Lemma delta_rec l j : (l < L)%N ->
  delta l j = (\sum_(k < n l.+1) W th l.+1 k j * delta l.+1 k) * dsigma l (pre l j).
Proof.
move=> lL; rewrite /delta -(subnSK lL) /=.
by rewrite subKn // subnSK // subKn // ltnW.
Qed.
End OneSample.

(* ---------------------- the one relational theorem ------------------------ *)
(* rel p th th' : th' is th with the neurons of every layer l renamed by p l  *)
Definition rel T (p : nat -> nat -> nat) (th th' : param T) :=
  forall l k, (l < L)%N -> (k < n l.+1)%N ->
    (forall j, (j < n l)%N -> W th' l.+1 k j = W th l.+1 (p l.+1 k) (p l j))
    /\ B th' l.+1 k = B th l.+1 (p l.+1 k).

(* permutation of the hidden layers only: input and output layer are fixed *)
Record hidden_perm (p : nat -> nat -> nat) : Prop := HP {
  hp_perm : forall l, (l <= L)%N -> is_perm (n l) (p l);
  hp_in : forall j, (j < n 0)%N -> p 0%N j = j;
  hp_out : forall j, (j < n L)%N -> p L j = j }.

Section Equivariance.
Variables (p : nat -> nat -> nat) (Hp : hidden_perm p).
Variables (th th' : param R) (s : sample) (Hr : rel p th th').

Lemma pre_equiv_aux l k : (l < L)%N -> (k < n l.+1)%N ->
  (forall j, (j < n l)%N -> act th' s l j = act th s l (p l j)) ->
  pre th' s l.+1 k = pre th s l.+1 (p l.+1 k).
Proof.
move=> lL kn IH; have [HW HB] := Hr lL kn; rewrite /pre HB; congr (_ + _).
rewrite -(sum_perm (fun j => W th l.+1 (p l.+1 k) j * act th s l j) (hp_perm Hp (ltnW lL))).
by apply: eq_bigr => j _; rewrite HW // IH.
Qed.

Theorem act_equiv l k : (l <= L)%N -> (k < n l)%N -> act th' s l k = act th s l (p l k).
Proof.
elim: l k => [|l IH] k lL kn; first by rewrite /= hp_in.
by rewrite !act_S pre_equiv_aux // => j jn; rewrite IH // ltnW.
Qed.

Theorem pre_equiv l k : (l < L)%N -> (k < n l.+1)%N ->
  pre th' s l.+1 k = pre th s l.+1 (p l.+1 k).
Proof. by move=> lL kn; apply: pre_equiv_aux => // j jn; rewrite act_equiv // ltnW. Qed.

(* the network function is invariant *)
Theorem output_inv : output th' s = output th s.
Proof.
apply/eq_in_map => k; rewrite mem_iota add0n => /= kn.
by rewrite act_equiv // hp_out.
Qed.

Theorem delta_equiv l k : (0 < l <= L)%N -> (k < n l)%N ->
  delta th' s l k = delta th s l (p l k).
Proof.
have [m mE] : exists m, (L - l = m)%N by eexists.
elim: m l k mE => [|m IH] l k mE /andP[l0 lL] kn.
  have LE : L = l by apply/eqP; rewrite eqn_leq lL andbT -subn_eq0 mE.
  case: l l0 lL kn {mE} LE => // l _ lL kn LE.
  by rewrite -LE !delta_top output_inv LE pre_equiv // -LE hp_out // LE.
have lL' : (l < L)%N by rewrite -subn_gt0 mE.
rewrite !delta_rec //; case: l l0 lL kn mE lL' => // l _ lL kn mE lL'.
rewrite pre_equiv //; congr (_ * _).
rewrite -(sum_perm (fun k0 => W th l.+2 k0 (p l.+1 k) * delta th s l.+2 k0) (hp_perm Hp lL')).
apply: eq_bigr => i _; rewrite IH //; last by rewrite subnS mE.
by have [-> //] := Hr lL' (ltn_ord i).
Qed.

(* (b) backprop gradients are equivariant under hidden-layer permutations *)
Theorem grad_equiv : rel p (grad th s) (grad th' s).
Proof.
move=> l k lL kn; split=> [j jn|] /=; rewrite delta_equiv // act_equiv //; exact: ltnW.
Qed.
End Equivariance.
End Net.
