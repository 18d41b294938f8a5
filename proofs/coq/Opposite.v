(* T5c (proofs/t5_opposite_neurons.py) under the optimisers: neurons p and q of layer m that start opposite, with equal
   second moments, stay so. As in T5b.v a rule has only to pass on what is opposite; T5c.v shows what one step needs. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import EpsilonDelta Sums T5b T5c.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Ties.
Variables (real : realFieldType) (B L T : nat) (n : nat -> nat) (dsigma sigma : nat -> real -> real).
Variables (a delta z : nat -> nat -> nat -> nat -> real) (b grad_b : nat -> nat -> nat -> real).
Variables (grad_w w : nat -> nat -> nat -> nat -> real).
Variables (m p q : nat).
Hypothesis m_range : (1 <= m <= L - 1)%N.
Hypothesis p_range : (1 <= p <= n m)%N.
Hypothesis q_range : (1 <= q <= n m)%N.
Hypothesis h_activation : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N -> a t l s j = sigma l (z t l s j).
Hypothesis h_delta_of_a_hidden_layer : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L - 1)%N ->
  (1 <= s <= B)%N -> (1 <= j <= n l)%N -> delta t l s j =
  (dsigma l (z t l s j)) * (\sum_(1 <= k < (n (l + 1)%N).+1) delta t (l + 1)%N s k * w t (l + 1)%N k j).
Hypothesis h_gradient_of_the_biases : forall t l j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  grad_b t l j = \sum_(1 <= s < B.+1) delta t l s j.
Hypothesis h_gradient_of_the_weights : forall t l j k : nat, (t <= T)%N -> (1 <= l <= L)%N ->
  (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  grad_w t l j k = \sum_(1 <= s < B.+1) a t (l - 1)%N s k * delta t l s j.
Hypothesis h_weighted_input : forall t l s j : nat, (t <= T)%N -> (1 <= l <= L)%N -> (1 <= s <= B)%N ->
  (1 <= j <= n l)%N -> z t l s j = b t l j + (\sum_(1 <= k < (n (l - 1)%N).+1) a t (l - 1)%N s k * w t l j k).

Hypothesis sigma_differentiable : forall (i0 : nat) (u : real), deriv u (sigma i0) (dsigma i0 u).
Hypothesis h_the_activation_is_odd : forall u : real, sigma m (- u) = - (sigma m u).

(* ------ what is opposite at the two neurons, and what is equal ------ *)
Local Notation on_w := (nat -> nat -> nat -> real).
Local Notation on_b := (nat -> nat -> real).
Local Notation in_b l j e := ((1 <= l <= L)%N -> (1 <= j <= n l)%N -> e).
Local Notation in_w l j k e := (in_b l j ((1 <= k <= n (l - 1)%N)%N -> e)).
Record opposed (fw : on_w) (fb : on_b) : Prop := Opposed {
  opposed_in : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> fw m p k = - fw m q k;
  opposed_bias : fb m p = - fb m q;
  opposed_out : forall j : nat, (1 <= j <= n (m + 1)%N)%N -> fw (m + 1)%N j p = - fw (m + 1)%N j q }.
Local Notation same := (alike n m p q).

Lemma opposed_gradients t : (t <= T)%N -> opposed (w t) (b t) -> opposed (grad_w t) (grad_b t).
Proof.
move=> tT [i c o]; have opp := T5c.Tied i c o.
by split; [by_library T5c.step_grad_w_in | by_library T5c.step_grad_b | by_library T5c.step_grad_w_out].
Qed.

Lemma at_every_step (Q : nat -> Prop) : Q 0%N -> (forall t, (t <= T)%N -> Q t -> opposed (w t) (b t)) ->
  (forall t, (1 <= t.+1 <= T)%N -> Q t -> opposed (grad_w t) (grad_b t) -> Q t.+1) -> forall t, (t <= T)%N -> Q t.
Proof.
move=> Q0 Qw Qs; elim=> [//|t IH] tT; have tT' : (t <= T)%N by exact: ltnW.
by apply: Qs => //; [exact: IH | apply: opposed_gradients => //; apply: Qw => //; exact: IH].
Qed.

Lemma opposed_by (fw Fw : on_w) (fb Fb : on_b) : (forall l j k, in_w l j k (fw l j k = Fw l j k)) ->
  (forall l j, in_b l j (fb l j = Fb l j)) -> opposed Fw Fb -> opposed fw fb.
Proof.
have [mL m1L] : (1 <= m <= L)%N /\ (1 <= m + 1 <= L)%N by lia.
by move=> Ew Eb [i c o]; split=> [k kn||j jn]; rewrite ?Ew ?Eb ?addnK //; [exact: i | exact: o].
Qed.

(* the functions of the rules: arbitrary, and odd where a rule needs it *)
Variables (kappa sgn : real -> real) (psi : real -> real -> real).
Ltac parts := split=> [k kn||j jn]; rewrite /= ?subSS ?subn0;
  repeat match goal with
  | H : opposed _ _ |- _ => rewrite ?(opposed_in H) ?(opposed_bias H) ?(opposed_out H) //; clear H
  | H : alike _ _ _ _ _ _ |- _ => rewrite ?(alike_in H) ?(alike_bias H) ?(alike_out H) //; clear H
  end; rewrite ?sqrrN //.
Ltac passes_on w_rule b_rule tT :=
  refine (opposed_by (fun l j k => w_rule _ l j k tT) (fun l j => b_rule _ l j tT) _); parts.
Ltac keeps w_rule b_rule tT := refine (alike_by m_range p_range q_range
  (fun l j k => w_rule _ l j k tT) (fun l j => b_rule _ l j tT) _); parts.
Ltac passes w_rule b_rule tT := passes_on w_rule b_rule tT; ring.
Ltac passes_by odd w_rule b_rule tT := passes_on w_rule b_rule tT; rewrite ?mulrN ?odd; ring.

(* how hypotheses and conclusions are printed *)
Local Notation "'each_w' t l j k , e" := (forall t l j k : nat, (1 <= t <= T)%N -> in_w l j k e)
  (at level 200, t name, l name, j name, k name).
Local Notation "'each_b' t l j , e" := (forall t l j : nat, (1 <= t <= T)%N -> in_b l j e)
  (at level 200, t name, l name, j name).
Local Notation starts_w f f_0 := (forall l j k : nat, in_w l j k (f 0%N l j k = f_0 l j k)).
Local Notation starts_b f f_0 := (forall l j : nat, in_b l j (f 0%N l j = f_0 l j)).
Local Notation minus_in f := (forall k : nat, (1 <= k <= n (m - 1)%N)%N -> f m p k = - f m q k).
Local Notation minus_out f := (forall j : nat, (1 <= j <= n (m + 1)%N)%N -> f (m + 1)%N j p = - f (m + 1)%N j q).
Local Notation same_in f := (forall k : nat, (1 <= k <= n (m - 1)%N)%N -> f m p k = f m q k).
Local Notation same_out f := (forall j : nat, (1 <= j <= n (m + 1)%N)%N -> f (m + 1)%N j p = f (m + 1)%N j q).
Local Notation "'always' t , e" := (forall t : nat, (t <= T)%N -> e) (at level 200, t name).
Local Notation opposite_in f := (always t, minus_in (f t)).
Local Notation opposite_bias f := (always t, f t m p = - f t m q).
Local Notation opposite_out f := (always t, minus_out (f t)).

Variables (v_w : nat -> on_w) (v_w_0 : on_w) (v_b : nat -> on_b) (v_b_0 : on_b).
Hypotheses (start_v_w : starts_w v_w v_w_0) (start_v_b : starts_b v_b v_b_0).
Hypotheses (off_v_in : minus_in v_w_0) (off_v_b : v_b_0 m p = - v_b_0 m q) (off_v_out : minus_out v_w_0).
Let started_v : opposed (v_w 0%N) (v_b 0%N). Proof. exact: opposed_by start_v_w start_v_b (Opposed _ _ _). Qed.
Variables (alpha beta beta_correction eta gamma gamma_correction lambda mu nu rho : nat -> real).

(* ------------------------ at the parameters ------------------------- *)
Section AtTheParameters.
Variables (w_0 : on_w) (b_0 : on_b).
Hypotheses (start_w : starts_w w w_0) (start_b : starts_b b b_0).
Hypotheses (off_in : minus_in w_0) (off_b : b_0 m p = - b_0 m q) (off_out : minus_out w_0).
Let started : opposed (w 0%N) (b 0%N). Proof. exact: opposed_by start_w start_b (Opposed _ _ _). Qed.

Section By_sign_descent.
Hypothesis rule_w : each_w t l j k, w t l j k = - ((sgn (grad_w (t - 1)%N l j k)) * eta (t - 1)%N) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - ((sgn (grad_b (t - 1)%N l j)) * eta (t - 1)%N) + b (t - 1)%N l j.
Hypothesis odd : forall u : real, sgn (- u) = - (sgn u).
Let ties : always t, opposed (w t) (b t).
Proof. by apply: at_every_step => // t tT W G; passes_by odd rule_w rule_b tT. Qed.
Theorem T5c_sign_descent_opposite_incoming_weights : opposite_in w. Proof. by move=> t /ties[]. Qed.
Theorem T5c_sign_descent_opposite_biases : opposite_bias b. Proof. by move=> t /ties[]. Qed.
Theorem T5c_sign_descent_opposite_outgoing_weights : opposite_out w. Proof. by move=> t /ties[]. Qed.
End By_sign_descent.

Section By_clip_l2_gd.
Hypothesis rule_w : each_w t l j k, w t l j k = - (((kappa (nu (t - 1)%N * rho (t - 1)%N - 1))
  * grad_w (t - 1)%N l j k + alpha (t - 1)%N * w (t - 1)%N l j k) * eta (t - 1)%N) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (((kappa (nu (t - 1)%N * rho (t - 1)%N - 1)) * grad_b (t - 1)%N l j
  + alpha (t - 1)%N * b (t - 1)%N l j) * eta (t - 1)%N) + b (t - 1)%N l j.
Let ties : always t, opposed (w t) (b t).
Proof. by apply: at_every_step => // t tT W G; passes rule_w rule_b tT. Qed.
Theorem T5c_clip_l2_gd_opposite_incoming_weights : opposite_in w. Proof. by move=> t /ties[]. Qed.
Theorem T5c_clip_l2_gd_opposite_biases : opposite_bias b. Proof. by move=> t /ties[]. Qed.
Theorem T5c_clip_l2_gd_opposite_outgoing_weights : opposite_out w. Proof. by move=> t /ties[]. Qed.
End By_clip_l2_gd.

Section By_heavy_ball.
Hypothesis state_w : each_w t l j k, v_w t l j k = mu (t - 1)%N * v_w (t - 1)%N l j k + grad_w (t - 1)%N l j k.
Hypothesis state_b : each_b t l j, v_b t l j = mu (t - 1)%N * v_b (t - 1)%N l j + grad_b (t - 1)%N l j.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * v_w t l j k) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * v_b t l j) + b (t - 1)%N l j.
Let ties : always t, opposed (w t) (b t) /\ opposed (v_w t) (v_b t).
Proof.
apply: at_every_step => // [t _ []//|t tT [W S] G].
have S' : opposed (v_w t.+1) (v_b t.+1) by passes state_w state_b tT.
by split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5c_heavy_ball_opposite_incoming_weights : opposite_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_heavy_ball_opposite_biases : opposite_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_heavy_ball_opposite_outgoing_weights : opposite_out w. Proof. by move=> t /ties[[]]. Qed.
End By_heavy_ball.

(* ----------------------------- moments ------------------------------ *)
Section Moments.
Hypothesis odd : forall u u_1 : real, psi (- u) u_1 = - (psi u u_1).
Variables (s_w : nat -> on_w) (s_w_0 : on_w) (s_b : nat -> on_b) (s_b_0 : on_b).
Hypotheses (start_s_w : starts_w s_w s_w_0) (start_s_b : starts_b s_b s_b_0).
Hypotheses (equal_s_in : same_in s_w_0) (equal_s_b : s_b_0 m p = s_b_0 m q) (equal_s_out : same_out s_w_0).
Let started_s : same (s_w 0%N) (s_b 0%N).
Proof. exact: (alike_by m_range p_range q_range start_s_w start_s_b (Alike _ _ _)). Qed.
Variables (m_w : nat -> on_w) (m_w_0 : on_w) (m_b : nat -> on_b) (m_b_0 : on_b).
Hypotheses (start_m_w : starts_w m_w m_w_0) (start_m_b : starts_b m_b m_b_0).
Hypotheses (off_m_in : minus_in m_w_0) (off_m_b : m_b_0 m p = - m_b_0 m q) (off_m_out : minus_out m_w_0).
Let started_m : opposed (m_w 0%N) (m_b 0%N). Proof. exact: opposed_by start_m_w start_m_b (Opposed _ _ _). Qed.
Local Notation mean c t g s := ((1 - c t) * g + c t * s).
Local Notation adam t M S := (eta t * (psi (beta_correction t * M) (gamma_correction t * S))).

Section By_adagrad.
Hypothesis second_w : each_w t l j k, s_w t l j k = (grad_w (t - 1)%N l j k ^+ 2) + s_w (t - 1)%N l j k.
Hypothesis second_b : each_b t l j, s_b t l j = (grad_b (t - 1)%N l j ^+ 2) + s_b (t - 1)%N l j.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * (psi (grad_w (t - 1)%N l j k) (s_w t l j k)))
  + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * (psi (grad_b (t - 1)%N l j) (s_b t l j)))
  + b (t - 1)%N l j.
Let second t : (1 <= t.+1 <= T)%N -> same (s_w t) (s_b t) -> opposed (grad_w t) (grad_b t) ->
  same (s_w t.+1) (s_b t.+1).
Proof. by move=> tT S G; keeps second_w second_b tT. Qed.
Let ties : always t, opposed (w t) (b t) /\ same (s_w t) (s_b t).
Proof.
apply: at_every_step => // [t _ []//|t tT [W S] G].
by have S' := second tT S G; split=> //; passes_by odd rule_w rule_b tT.
Qed.
Theorem T5c_adagrad_opposite_incoming_weights : opposite_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_adagrad_opposite_biases : opposite_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_adagrad_opposite_outgoing_weights : opposite_out w. Proof. by move=> t /ties[[]]. Qed.
End By_adagrad.

Hypothesis second_w : each_w t l j k, s_w t l j k =
  mean gamma (t - 1)%N (grad_w (t - 1)%N l j k ^+ 2) (s_w (t - 1)%N l j k).
Hypothesis second_b : each_b t l j, s_b t l j = mean gamma (t - 1)%N (grad_b (t - 1)%N l j ^+ 2) (s_b (t - 1)%N l j).
Let second t : (1 <= t.+1 <= T)%N -> same (s_w t) (s_b t) -> opposed (grad_w t) (grad_b t) ->
  same (s_w t.+1) (s_b t.+1).
Proof. by move=> tT S G; keeps second_w second_b tT. Qed.

Section By_rmsprop.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * (psi (grad_w (t - 1)%N l j k) (s_w t l j k)))
  + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * (psi (grad_b (t - 1)%N l j) (s_b t l j)))
  + b (t - 1)%N l j.
Let ties : always t, opposed (w t) (b t) /\ same (s_w t) (s_b t).
Proof.
apply: at_every_step => // [t _ []//|t tT [W S] G].
by have S' := second tT S G; split=> //; passes_by odd rule_w rule_b tT.
Qed.
Theorem T5c_rmsprop_opposite_incoming_weights : opposite_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_rmsprop_opposite_biases : opposite_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_rmsprop_opposite_outgoing_weights : opposite_out w. Proof. by move=> t /ties[[]]. Qed.
End By_rmsprop.

Hypothesis first_w : each_w t l j k, m_w t l j k = mean beta (t - 1)%N (grad_w (t - 1)%N l j k) (m_w (t - 1)%N l j k).
Hypothesis first_b : each_b t l j, m_b t l j = mean beta (t - 1)%N (grad_b (t - 1)%N l j) (m_b (t - 1)%N l j).

Section By_adam.
Hypothesis rule_w : each_w t l j k, w t l j k = - adam (t - 1)%N (m_w t l j k) (s_w t l j k) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - adam (t - 1)%N (m_b t l j) (s_b t l j) + b (t - 1)%N l j.
Let ties : always t, [/\ opposed (w t) (b t), opposed (m_w t) (m_b t) & same (s_w t) (s_b t)].
Proof.
apply: at_every_step => // [t _ []//|t tT [W M S] G].
have M' : opposed (m_w t.+1) (m_b t.+1) by passes first_w first_b tT.
by have S' := second tT S G; split=> //; passes_by odd rule_w rule_b tT.
Qed.
Theorem T5c_adam_opposite_incoming_weights : opposite_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_adam_opposite_biases : opposite_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_adam_opposite_outgoing_weights : opposite_out w. Proof. by move=> t /ties[[]]. Qed.
End By_adam.

Section By_adamw.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * lambda (t - 1)%N * w (t - 1)%N l j k)
  - adam (t - 1)%N (m_w t l j k) (s_w t l j k) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * lambda (t - 1)%N * b (t - 1)%N l j)
  - adam (t - 1)%N (m_b t l j) (s_b t l j) + b (t - 1)%N l j.
Let ties : always t, [/\ opposed (w t) (b t), opposed (m_w t) (m_b t) & same (s_w t) (s_b t)].
Proof.
apply: at_every_step => // [t _ []//|t tT [W M S] G].
have M' : opposed (m_w t.+1) (m_b t.+1) by passes first_w first_b tT.
by have S' := second tT S G; split=> //; passes_by odd rule_w rule_b tT.
Qed.
Theorem T5c_adamw_opposite_incoming_weights : opposite_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_adamw_opposite_biases : opposite_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_adamw_opposite_outgoing_weights : opposite_out w. Proof. by move=> t /ties[[]]. Qed.
End By_adamw.
End Moments.
End AtTheParameters.

(* ----- Nesterov: the gradient is taken ahead of the parameters ------ *)
Section Ahead.
Variables (u_w : nat -> on_w) (u_w_0 : on_w) (u_b : nat -> on_b) (u_b_0 : on_b).
Hypotheses (start_u_w : starts_w u_w u_w_0) (start_u_b : starts_b u_b u_b_0).
Hypotheses (off_u_in : minus_in u_w_0) (off_u_b : u_b_0 m p = - u_b_0 m q) (off_u_out : minus_out u_w_0).
Let started_u : opposed (u_w 0%N) (u_b 0%N). Proof. exact: opposed_by start_u_w start_u_b (Opposed _ _ _). Qed.
Hypothesis ahead_w : forall t l j k : nat, (t <= T)%N -> in_w l j k (w t l j k = mu t * v_w t l j k + u_w t l j k).
Hypothesis ahead_b : forall t l j : nat, (t <= T)%N -> in_b l j (b t l j = mu t * v_b t l j + u_b t l j).

Section By_nesterov.
Hypothesis state_w : each_w t l j k, v_w t l j k = - (eta (t - 1)%N * grad_w (t - 1)%N l j k) + mu (t - 1)%N
  * v_w (t - 1)%N l j k.
Hypothesis state_b : each_b t l j, v_b t l j = - (eta (t - 1)%N * grad_b (t - 1)%N l j) + mu (t - 1)%N
  * v_b (t - 1)%N l j.
Hypothesis rule_w : each_w t l j k, u_w t l j k = v_w t l j k + u_w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, u_b t l j = u_b (t - 1)%N l j + v_b t l j.
Let ties : always t, opposed (u_w t) (u_b t) /\ opposed (v_w t) (v_b t).
Proof.
apply: at_every_step => // [t tT [U V]|t tT [U V] G]; first by passes ahead_w ahead_b tT.
have V' : opposed (v_w t.+1) (v_b t.+1) by passes state_w state_b tT.
by split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5c_nesterov_opposite_incoming_weights : opposite_in u_w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_nesterov_opposite_biases : opposite_bias u_b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5c_nesterov_opposite_outgoing_weights : opposite_out u_w. Proof. by move=> t /ties[[]]. Qed.
End By_nesterov.
End Ahead.
End Ties.
