(* T5 (proofs/t5_tied_neurons.py, t5_tied_by_any_optimiser.py): tied neurons stay tied.

   tied_grad, tied_bgrad     two tied neurons receive equal gradients, from one sample or a mini-batch
   tied_run                  and stay tied under every optimiser that treats each coordinate alike, with any
                             state of each coordinate and any sequence of mini-batches
   sgd_tied, momentum_tied   gradient descent with a schedule; momentum. Optimisers.v has the others. *)
From mathcomp Require Import all_ssreflect ssralg.
From Symderive Require Import Network.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Train.
Variable R : comRingType.
Variables (L : nat) (n : nat -> nat) (sigma dsigma : nat -> R -> R).
Notation grad := (grad L n sigma dsigma).
Notation rel := (rel L n).
Notation hidden_perm := (hidden_perm L n).

Definition bgrad (bs : seq (sample R)) (th : param R) : param R :=
  Param (fun l k j => \sum_(s <- bs) W (grad th s) l k j)
        (fun l k => \sum_(s <- bs) B (grad th s) l k).

Lemma bgrad_equiv p th th' bs : hidden_perm p -> rel p th th' ->
  rel p (bgrad bs th) (bgrad bs th').
Proof.
move=> Hp Hr l k lL kn; split=> [j jn|] /=; apply: eq_bigr => s _.
  by have [H _] := grad_equiv sigma dsigma Hp s Hr lL kn; exact: H.
by have [_ H] := grad_equiv sigma dsigma Hp s Hr lL kn; exact: H.
Qed.

Definition pmap2 S T U (f : S -> T -> U) (a : param S) (b : param T) : param U :=
  Param (fun l k j => f (W a l k j) (W b l k j)) (fun l k => f (B a l k) (B b l k)).

Lemma rel_pmap2 S T U (f : S -> T -> U) p a a' b b' :
  rel p a a' -> rel p b b' -> rel p (pmap2 f a b) (pmap2 f a' b').
Proof.
move=> Ha Hb l k lL kn; have [a1 a2] := Ha l k lL kn; have [b1 b2] := Hb l k lL kn.
by split=> [j jn|] /=; rewrite ?a1 ?b1 ?a2 ?b2.
Qed.

(* optimiser: (state, parameter) -> gradient -> (state, parameter), per coordinate, per step *)
Section Run.
Variables (S : Type) (upd : nat -> S * R -> R -> S * R).
Variable (batch : nat -> seq (sample R)).
Definition theta (x : param (S * R)) : param R :=
  Param (fun l k j => (W x l k j).2) (fun l k => (B x l k).2).
Definition step t (x : param (S * R)) := pmap2 (upd t) x (bgrad (batch t) (theta x)).
Fixpoint run (x0 : param (S * R)) t := if t is t'.+1 then step t' (run x0 t') else x0.

Theorem run_equiv p x x' t : hidden_perm p -> rel p x x' -> rel p (run x t) (run x' t).
Proof.
move=> Hp Hr; elim: t => //= t IH; apply: rel_pmap2 => //; apply: bgrad_equiv => //.
by move=> l k lL kn; have [h1 h2] := IH l k lL kn; split=> [j jn|] /=; rewrite ?h1 ?h2.
Qed.
End Run.

(* --------------------------------- tying ---------------------------------- *)
Definition swap (h i j l : nat) : nat -> nat := if l == h then tr i j else id.

Record tied T (h i j : nat) (th : param T) : Prop := Tied {
  t_in  : forall m, (m < n h.-1)%N -> W th h i m = W th h j m;
  t_bias: B th h i = B th h j;
  t_out : forall k, (k < n h.+1)%N -> W th h.+1 k i = W th h.+1 k j }.

Section Tie.
Variables (h i j : nat) (hL : (0 < h < L)%N) (Hi : (i < n h)%N) (Hj : (j < n h)%N).

Lemma swap_hidden : hidden_perm (swap h i j).
Proof.
case/andP: hL => h0 hL'; split=> [l lL|k kn|k kn]; rewrite /swap.
- by case: eqP => [->|_]; [exact: is_perm_tr|exact: is_perm_id].
- by rewrite eq_sym (gtn_eqF h0).
- by rewrite (gtn_eqF hL').
Qed.

Lemma tied_rel T (th : param T) : tied h i j th <-> rel (swap h i j) th th.
Proof.
case: h hL Hi Hj => // h' /= hL' Hi' Hj'; split.
  case=> tin tb tout l k lL kn.
  have row m : (m < n l)%N -> W th l.+1 (swap h'.+1 i j l.+1 k) m = W th l.+1 k m.
    rewrite /swap; case: eqP => // -[E]; subst l => Hm; rewrite /tr.
    by case: eqP => [->|_]; [rewrite tin|case: eqP => [->|_]; rewrite ?tin].
  have sl m : (m < n l)%N -> (swap h'.+1 i j l m < n l)%N.
    rewrite /swap; case: eqP => // ->; exact: is_perm_lt (is_perm_tr Hi' Hj').
  split=> [m Hm|].
    rewrite row ?sl // /swap; case: eqP => // El; subst l; rewrite /tr.
    by case: eqP => [->|_]; [rewrite tout|case: eqP => [->|_]; rewrite ?tout].
  rewrite /swap; case: eqP => // -[E]; subst l; rewrite /tr.
  by case: eqP => [->|_]; [rewrite tb|case: eqP => [->|_]; rewrite ?tb].
move=> Hr.
have sw0 m : swap h'.+1 i j h' m = m by rewrite /swap ltn_eqF.
have sw2 m : swap h'.+1 i j h'.+2 m = m by rewrite /swap gtn_eqF.
have sw1 : swap h'.+1 i j h'.+1 i = j by rewrite /swap eqxx /tr eqxx.
have lt1 : (h' < L)%N by exact: ltnW.
split=> [m Hm| |k Hk].
- by have [h1 _] := Hr h' i lt1 Hi'; rewrite h1 // sw1 sw0.
- by have [_ h2] := Hr h' i lt1 Hi'; rewrite h2 sw1.
- by have [h1 _] := Hr h'.+1 k hL' Hk; rewrite h1 // sw1 sw2.
Qed.

(* two tied neurons receive equal gradients *)
Theorem tied_grad th s : tied h i j th -> tied h i j (grad th s).
Proof. by rewrite !tied_rel; apply: grad_equiv; exact: swap_hidden. Qed.

Theorem tied_bgrad th bs : tied h i j th -> tied h i j (bgrad bs th).
Proof. by rewrite !tied_rel; apply: bgrad_equiv; exact: swap_hidden. Qed.

(* tying is preserved for all steps by every coordinatewise optimiser *)
Theorem tied_run S upd batch (x : param (S * R)) t :
  tied h i j x -> tied h i j (run upd batch x t).
Proof. by rewrite !tied_rel; apply: run_equiv; exact: swap_hidden. Qed.
End Tie.

(* ------------------------------- instances -------------------------------- *)
Definition gd (eta : nat -> R) (t : nat) (x : unit * R) (g : R) := (tt, x.2 - eta t * g).
Definition momentum (mu eta : R) (t : nat) (x : R * R) (g : R) :=
  let v := mu * x.1 + g in (v, x.2 - eta * v).
Definition zero_state (th : param R) : param (R * R) :=
  Param (fun l k j => (0, W th l k j)) (fun l k => (0, B th l k)).
Definition unit_state (th : param R) : param (unit * R) :=
  Param (fun l k j => (tt, W th l k j)) (fun l k => (tt, B th l k)).

Section Corollaries.
Variables (h i j : nat) (hL : (0 < h < L)%N) (Hi : (i < n h)%N) (Hj : (j < n h)%N).
Variable (batch : nat -> seq (sample R)).
Corollary sgd_tied eta th t : tied h i j th ->
  tied h i j (theta (run (gd eta) batch (unit_state th) t)).
Proof.
move=> T; have [] : tied h i j (run (gd eta) batch (unit_state th) t).
  by apply: tied_run => //; case: T => a b c; split=> [m|/=|k] *; rewrite /= ?a ?b ?c.
by move=> a b c; split=> [m|/=|k] *; rewrite /= ?a ?b ?c.
Qed.
Corollary momentum_tied mu eta th t : tied h i j th ->
  tied h i j (theta (run (momentum mu eta) batch (zero_state th) t)).
Proof.
move=> T; have [] : tied h i j (run (momentum mu eta) batch (zero_state th) t).
  by apply: tied_run => //; case: T => a b c; split=> [m|/=|k] *; rewrite /= ?a ?b ?c.
by move=> a b c; split=> [m|/=|k] *; rewrite /= ?a ?b ?c.
Qed.
End Corollaries.
End Train.
