(* T9, heavy ball: v' = mu v + grad(x), x' = x - eta v'. Where mu is not 0 the step is injective on pairs of parameters
   and velocities, for every eta and every gradient, Lipschitz or not: a symmetry that the pair has at a later step
   it had at the start. The parameters alone may coincide for a step. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Network Training NeverMerge.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section HeavyBall.
Variables (R : fieldType) (V : lmodType R).

Definition heavy_ball_step (eta mu : R) (grad : V -> V) (x : V * V) : V * V :=
  let v := mu *: x.2 + grad x.1 in (x.1 - eta *: v, v).

Theorem heavy_ball_inj eta mu grad : mu != 0 -> injective (heavy_ball_step eta mu grad).
Proof.
move=> mu0 [x v] [y u] [E1 E2]; rewrite /= in E1 E2.
have xy : x = y by move: E1; rewrite E2 => /addIr.
rewrite xy in E2 *; congr (_, _); move/addIr: E2 => E; apply: (scalerI mu0); exact: E.
Qed.

(* rates, momenta and mini-batches may differ from step to step *)
Variables (eta mu : nat -> R) (grad : nat -> V -> V).
Hypothesis mu_not_0 : forall t, mu t != 0.
Fixpoint heavy_ball_run (x : V * V) t :=
  if t is t'.+1 then heavy_ball_step (eta t') (mu t') (grad t') (heavy_ball_run x t') else x.
Theorem heavy_ball_run_inj t : injective (heavy_ball_run ^~ t).
Proof. by elim: t => [//|t IH] x y E; apply: IH; exact: (heavy_ball_inj (mu_not_0 t) E). Qed.

(* a symmetry P of all gradients: the pair is fixed by P at step t only if it was at the start *)
Variable P : {linear V -> V}.
Hypothesis symmetric : forall t x, grad t (P x) = P (grad t x).
Let both (x : V * V) := (P x.1, P x.2).
Lemma heavy_ball_run_symmetric x t : heavy_ball_run (both x) t = both (heavy_ball_run x t).
Proof.
elim: t => [//|t /= ->]; rewrite /heavy_ball_step /both /= symmetric.
have E u v : P (u - eta t *: v) = P u - eta t *: P v by rewrite linearB linearZ.
have F u v : P (mu t *: u + v) = mu t *: P u + P v by rewrite linearP.
by rewrite E F.
Qed.
Theorem heavy_ball_never_merges x t : both (heavy_ball_run x t) = heavy_ball_run x t <-> both x = x.
Proof.
rewrite -heavy_ball_run_symmetric; split=> [|-> //]; exact: heavy_ball_run_inj.
Qed.
End HeavyBall.

(* the parameters alone may coincide: with gradient u and eta = mu = 1, one step at velocity 0 takes both u = 1 and
   u = 0 to 0 *)
Theorem heavy_ball_parameters_may_coincide (R : fieldType) :
  let step := heavy_ball_step (V := [lmodType R of R^o]) 1 1 id in
  (step (1, 0)).1 = (step (0, 0)).1.
Proof. by rewrite /heavy_ball_step /= !scale1r !add0r subrr oppr0. Qed.
