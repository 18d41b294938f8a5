(* T5 (proofs/t5_tied_by_any_optimiser.py): AdaGrad, RMSProp, Adam, AdamW, heavy ball, Nesterov, sign descent and weight
   decay, as optimisers of Training.v, which treat every coordinate alike. Over fields with square roots. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Network Training.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Optimisers.
Variable R : rcfType.
(* the state of each coordinate at the start, and the parameters *)
Definition started (S : Type) (s0 : S) (th : param R) : param (S * R) :=
  Param (fun l k j => (s0, W th l k j)) (fun l k => (s0, B th l k)).

(* ------------------------- (state, parameter), gradient -> (state, parameter), at step t --------------------- *)
Section Rules.
Variables (eta beta gamma eps lambda mu : nat -> R).
Definition adagrad (t : nat) (x : R * R) (g : R) :=
  let s := x.1 + g ^+ 2 in (s, x.2 - eta t * (g / (Num.sqrt s + eps t))).
Definition rmsprop (t : nat) (x : R * R) (g : R) :=
  let s := gamma t * x.1 + (1 - gamma t) * g ^+ 2 in (s, x.2 - eta t * (g / (Num.sqrt s + eps t))).
(* Adam with its corrections for the start, 1 - beta^(t + 1) where beta is constant *)
Variables (beta_correction gamma_correction : nat -> R).
Definition adam (t : nat) (x : (R * R) * R) (g : R) :=
  let m := beta t * x.1.1 + (1 - beta t) * g in
  let s := gamma t * x.1.2 + (1 - gamma t) * g ^+ 2 in
  ((m, s), x.2 - eta t * (beta_correction t * m / (Num.sqrt (gamma_correction t * s) + eps t))).
Definition adamw (t : nat) (x : (R * R) * R) (g : R) :=
  let y := adam t x g in (y.1, y.2 - eta t * lambda t * x.2).
Definition heavy_ball (t : nat) (x : R * R) (g : R) :=
  let v := mu t * x.1 + g in (v, x.2 - eta t * v).
Definition sign_descent (t : nat) (x : unit * R) (g : R) := (tt, x.2 - eta t * Num.sg g).
(* weight decay in the gradient, in front of any rule *)
Definition decayed (S : Type) (rule : nat -> S * R -> R -> S * R) (t : nat) (x : S * R) (g : R) :=
  rule t x (g + lambda t * x.2).
End Rules.

(* ----------------------------------------------- tied under each of them ------------------------------------- *)
Variables (L : nat) (n : nat -> nat) (sigma dsigma : nat -> R -> R) (batch : nat -> seq (sample R)).
Variables (h i j : nat) (hL : (0 < h < L)%N) (Hi : (i < n h)%N) (Hj : (j < n h)%N).

Lemma tied_started S (s0 : S) th : tied n h i j th -> tied n h i j (started s0 th).
Proof. by case=> a b c; split=> [m mn||k kn] /=; rewrite ?a ?b ?c. Qed.
Lemma tied_theta S (x : param (S * R)) : tied n h i j x -> tied n h i j (theta x).
Proof. by case=> a b c; split=> [m mn||k kn] /=; rewrite ?a ?b ?c. Qed.

(* whatever the rule, if the states of all coordinates start equal *)
Theorem rule_tied S (rule : nat -> S * R -> R -> S * R) s0 th t : tied n h i j th ->
  tied n h i j (theta (run L n sigma dsigma rule batch (started s0 th) t)).
Proof. by move=> tie; apply: tied_theta; apply: tied_run => //; exact: tied_started. Qed.

Variables (eta beta gamma eps lambda mu beta_correction gamma_correction : nat -> R) (th : param R) (t : nat).
Hypothesis tie : tied n h i j th.
Theorem adagrad_tied : tied n h i j (theta (run L n sigma dsigma (adagrad eta eps) batch (started 0 th) t)).
Proof. exact: rule_tied. Qed.
Theorem rmsprop_tied :
  tied n h i j (theta (run L n sigma dsigma (rmsprop eta gamma eps) batch (started 0 th) t)).
Proof. exact: rule_tied. Qed.
Theorem adam_tied : tied n h i j (theta (run L n sigma dsigma
  (adam eta beta gamma eps beta_correction gamma_correction) batch (started (0, 0) th) t)).
Proof. exact: rule_tied. Qed.
Theorem adamw_tied : tied n h i j (theta (run L n sigma dsigma
  (adamw eta beta gamma eps lambda beta_correction gamma_correction) batch (started (0, 0) th) t)).
Proof. exact: rule_tied. Qed.
Theorem heavy_ball_tied :
  tied n h i j (theta (run L n sigma dsigma (heavy_ball eta mu) batch (started 0 th) t)).
Proof. exact: rule_tied. Qed.
Theorem sign_descent_tied :
  tied n h i j (theta (run L n sigma dsigma (sign_descent eta) batch (started tt th) t)).
Proof. exact: rule_tied. Qed.
Theorem decayed_adam_tied : tied n h i j (theta (run L n sigma dsigma
  (decayed lambda (adam eta beta gamma eps beta_correction gamma_correction)) batch (started (0, 0) th) t)).
Proof. exact: rule_tied. Qed.
End Optimisers.
