(* T5b (proofs/t5_tied_by_any_optimiser.py): neurons p and q of layer m that start with equal incoming weights, biases,
   outgoing weights and optimiser states stay equal. The hypotheses of the network are those of T5.v, which shows what
   one step needs; the induction on steps comes once. A rule then has only to pass on what is alike at p and q: its
   hypotheses are those that are printed, and `passes` is its proof. Roots occur only inside psi, an arbitrary function,
   so that any ordered field will do. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Sums T5.
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

(* ----------------- what is alike at the two neurons ----------------- *)
Local Notation in_b l j e := ((1 <= l <= L)%N -> (1 <= j <= n l)%N -> e).
Local Notation in_w l j k e := (in_b l j ((1 <= k <= n (l - 1)%N)%N -> e)).
Local Notation same_in f := (forall k : nat, (1 <= k <= n (m - 1)%N)%N -> f m p k = f m q k).
Local Notation same_out f := (forall j : nat, (1 <= j <= n (m + 1)%N)%N -> f (m + 1)%N j p = f (m + 1)%N j q).
Record alike (A : Type) (fw : nat -> nat -> nat -> A) (fb : nat -> nat -> A) : Prop := Alike {
  alike_in : same_in fw; alike_bias : fb m p = fb m q; alike_out : same_out fw }.

Lemma alike_gradients t : (t <= T)%N -> alike (w t) (b t) -> alike (grad_w t) (grad_b t).
Proof.
move=> tT [i c o]; have tie := Tied i c o.
by split; [by_library step_grad_w_in | by_library step_grad_b | by_library step_grad_w_out].
Qed.

(* by induction: what holds at the start and passes from one step to the next, with equal gradients *)
Lemma at_every_step (Q : nat -> Prop) : Q 0%N -> (forall t, (t <= T)%N -> Q t -> alike (w t) (b t)) ->
  (forall t, (1 <= t.+1 <= T)%N -> Q t -> alike (grad_w t) (grad_b t) -> Q t.+1) -> forall t, (t <= T)%N -> Q t.
Proof.
move=> Q0 Qw Qs; elim=> [//|t IH] tT; have tT' : (t <= T)%N by exact: ltnW.
by apply: Qs => //; [exact: IH | apply: alike_gradients => //; apply: Qw => //; exact: IH].
Qed.

(* one rule for each entry: alike if what it is given is alike *)
Lemma alike_by A (fw Fw : nat -> nat -> nat -> A) (fb Fb : nat -> nat -> A) :
  (forall l j k, in_w l j k (fw l j k = Fw l j k)) -> (forall l j, in_b l j (fb l j = Fb l j)) ->
  alike Fw Fb -> alike fw fb.
Proof.
have [mL m1L] : (1 <= m <= L)%N /\ (1 <= m + 1 <= L)%N by lia.
by move=> Ew Eb [i c o]; split=> [k kn||j jn]; rewrite ?Ew ?Eb ?addnK //; [exact: i | exact: o].
Qed.

Lemma alike_families (r : seq nat) (fw : nat -> nat -> nat -> nat -> real) (fb : nat -> nat -> nat -> real) :
  (forall i, i \in r -> alike (fun l j k => fw l j k i) (fun l j => fb l j i)) ->
  alike (fun l j k => [seq fw l j k i | i <- r]) (fun l j => [seq fb l j i | i <- r]).
Proof. by move=> E; split=> [k kn||j jn]; apply/eq_in_map => i /E[x y v] //; [exact: x | exact: v]. Qed.

Ltac same_parts := split=> [k kn||j jn]; rewrite /= ?subSS ?subn0;
  repeat match goal with H : alike _ _ |- _ => rewrite ?(alike_in H) ?(alike_bias H) ?(alike_out H) //; clear H end.
Ltac passes w_rule b_rule tT :=
  refine (alike_by (fun l j k => w_rule _ l j k tT) (fun l j => b_rule _ l j tT) _); same_parts.

(* how hypotheses and conclusions are printed *)
Local Notation on_w := (nat -> nat -> nat -> real).
Local Notation on_b := (nat -> nat -> real).
Local Notation "'each_w' t l j k , e" := (forall t l j k : nat, (1 <= t <= T)%N -> in_w l j k e)
  (at level 200, t name, l name, j name, k name).
Local Notation "'each_b' t l j , e" := (forall t l j : nat, (1 <= t <= T)%N -> in_b l j e)
  (at level 200, t name, l name, j name).
Local Notation starts_w f f_0 := (forall l j k : nat, in_w l j k (f 0%N l j k = f_0 l j k)).
Local Notation starts_b f f_0 := (forall l j : nat, in_b l j (f 0%N l j = f_0 l j)).
Local Notation "'always' t , e" := (forall t : nat, (t <= T)%N -> e) (at level 200, t name).
Local Notation equal_in f := (always t, same_in (f t)).
Local Notation equal_bias f := (always t, f t m p = f t m q).
Local Notation equal_out f := (always t, same_out (f t)).

(* the velocities of heavy ball and of Nesterov, and what all rules share *)
Variables (v_w : nat -> on_w) (v_w_0 : on_w) (v_b : nat -> on_b) (v_b_0 : on_b).
Hypotheses (start_v_w : starts_w v_w v_w_0) (start_v_b : starts_b v_b v_b_0).
Hypotheses (equal_v_in : same_in v_w_0) (equal_v_b : v_b_0 m p = v_b_0 m q) (equal_v_out : same_out v_w_0).
Let started_v : alike (v_w 0%N) (v_b 0%N). Proof. exact: alike_by start_v_w start_v_b (Alike _ _ _). Qed.
Variables (alpha beta beta_correction eta gamma gamma_correction lambda mu nu rho : nat -> real).
Variables (kappa sgn : real -> real) (psi : real -> real -> real).
Local Notation clip t := (kappa (nu t * rho t - 1)).

(* ----------------------- rules with no state ------------------------ *)
Section AtTheParameters.
Variables (w_0 : on_w) (b_0 : on_b).
Hypotheses (start_w : starts_w w w_0) (start_b : starts_b b b_0).
Hypotheses (equal_w_in : same_in w_0) (equal_b : b_0 m p = b_0 m q) (equal_w_out : same_out w_0).
Let started : alike (w 0%N) (b 0%N). Proof. exact: alike_by start_w start_b (Alike _ _ _). Qed.

Section By_gd.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * grad_w (t - 1)%N l j k) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * grad_b (t - 1)%N l j) + b (t - 1)%N l j.
Let ties : always t, alike (w t) (b t).
Proof. by apply: at_every_step => // t tT W G; passes rule_w rule_b tT. Qed.
Theorem T5b_gd_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[]. Qed.
Theorem T5b_gd_equal_biases : equal_bias b. Proof. by move=> t /ties[]. Qed.
Theorem T5b_gd_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[]. Qed.
End By_gd.

Section By_l2_gd.
Hypothesis rule_w : each_w t l j k, w t l j k = - ((alpha (t - 1)%N * w (t - 1)%N l j k + grad_w (t - 1)%N l j k)
  * eta (t - 1)%N) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - ((alpha (t - 1)%N * b (t - 1)%N l j + grad_b (t - 1)%N l j)
  * eta (t - 1)%N) + b (t - 1)%N l j.
Let ties : always t, alike (w t) (b t).
Proof. by apply: at_every_step => // t tT W G; passes rule_w rule_b tT. Qed.
Theorem T5b_l2_gd_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[]. Qed.
Theorem T5b_l2_gd_equal_biases : equal_bias b. Proof. by move=> t /ties[]. Qed.
Theorem T5b_l2_gd_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[]. Qed.
End By_l2_gd.

Section By_decay_gd.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * lambda (t - 1)%N * w (t - 1)%N l j k)
  - (eta (t - 1)%N * grad_w (t - 1)%N l j k) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * lambda (t - 1)%N * b (t - 1)%N l j)
  - (eta (t - 1)%N * grad_b (t - 1)%N l j) + b (t - 1)%N l j.
Let ties : always t, alike (w t) (b t).
Proof. by apply: at_every_step => // t tT W G; passes rule_w rule_b tT. Qed.
Theorem T5b_decay_gd_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[]. Qed.
Theorem T5b_decay_gd_equal_biases : equal_bias b. Proof. by move=> t /ties[]. Qed.
Theorem T5b_decay_gd_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[]. Qed.
End By_decay_gd.

Section By_sign_descent.
Hypothesis rule_w : each_w t l j k, w t l j k = - ((sgn (grad_w (t - 1)%N l j k)) * eta (t - 1)%N) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - ((sgn (grad_b (t - 1)%N l j)) * eta (t - 1)%N) + b (t - 1)%N l j.
Let ties : always t, alike (w t) (b t).
Proof. by apply: at_every_step => // t tT W G; passes rule_w rule_b tT. Qed.
Theorem T5b_sign_descent_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[]. Qed.
Theorem T5b_sign_descent_equal_biases : equal_bias b. Proof. by move=> t /ties[]. Qed.
Theorem T5b_sign_descent_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[]. Qed.
End By_sign_descent.

Section By_clip_gd.
Hypothesis rule_w : each_w t l j k, w t l j k = - (clip (t - 1)%N * eta (t - 1)%N * grad_w (t - 1)%N l j k)
  + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (clip (t - 1)%N * eta (t - 1)%N * grad_b (t - 1)%N l j) + b (t - 1)%N l j.
Let ties : always t, alike (w t) (b t).
Proof. by apply: at_every_step => // t tT W G; passes rule_w rule_b tT. Qed.
Theorem T5b_clip_gd_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[]. Qed.
Theorem T5b_clip_gd_equal_biases : equal_bias b. Proof. by move=> t /ties[]. Qed.
Theorem T5b_clip_gd_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[]. Qed.
End By_clip_gd.

(* ---------------------------- a velocity ---------------------------- *)
Section By_heavy_ball.
Hypothesis state_w : each_w t l j k, v_w t l j k = mu (t - 1)%N * v_w (t - 1)%N l j k + grad_w (t - 1)%N l j k.
Hypothesis state_b : each_b t l j, v_b t l j = mu (t - 1)%N * v_b (t - 1)%N l j + grad_b (t - 1)%N l j.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * v_w t l j k) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * v_b t l j) + b (t - 1)%N l j.
Let ties : always t, alike (w t) (b t) /\ alike (v_w t) (v_b t).
Proof.
apply: at_every_step => // [t _ []//|t tT [W S] G].
have S' : alike (v_w t.+1) (v_b t.+1) by passes state_w state_b tT.
by split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5b_heavy_ball_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_heavy_ball_equal_biases : equal_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_heavy_ball_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[[]]. Qed.
End By_heavy_ball.

(* ----------------------------- moments ------------------------------ *)
Section Moments.
Variables (s_w : nat -> on_w) (s_w_0 : on_w) (s_b : nat -> on_b) (s_b_0 : on_b).
Hypotheses (start_s_w : starts_w s_w s_w_0) (start_s_b : starts_b s_b s_b_0).
Hypotheses (equal_s_in : same_in s_w_0) (equal_s_b : s_b_0 m p = s_b_0 m q) (equal_s_out : same_out s_w_0).
Let started_s : alike (s_w 0%N) (s_b 0%N). Proof. exact: alike_by start_s_w start_s_b (Alike _ _ _). Qed.
Variables (m_w : nat -> on_w) (m_w_0 : on_w) (m_b : nat -> on_b) (m_b_0 : on_b).
Hypotheses (start_m_w : starts_w m_w m_w_0) (start_m_b : starts_b m_b m_b_0).
Hypotheses (equal_m_in : same_in m_w_0) (equal_m_b : m_b_0 m p = m_b_0 m q) (equal_m_out : same_out m_w_0).
Let started_m : alike (m_w 0%N) (m_b 0%N). Proof. exact: alike_by start_m_w start_m_b (Alike _ _ _). Qed.
Local Notation passing f g := (forall t, (1 <= t.+1 <= T)%N -> alike (f t) (g t) -> alike (grad_w t) (grad_b t) ->
  alike (f t.+1) (g t.+1)).
Local Notation mean c t g s := ((1 - c t) * g + c t * s).
Local Notation adam t M S := (eta t * (psi (beta_correction t * M) (gamma_correction t * S))).

Section By_adagrad.
Hypothesis state_w : each_w t l j k, s_w t l j k = (grad_w (t - 1)%N l j k ^+ 2) + s_w (t - 1)%N l j k.
Hypothesis state_b : each_b t l j, s_b t l j = (grad_b (t - 1)%N l j ^+ 2) + s_b (t - 1)%N l j.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * (psi (grad_w (t - 1)%N l j k) (s_w t l j k)))
  + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * (psi (grad_b (t - 1)%N l j) (s_b t l j)))
  + b (t - 1)%N l j.
Let ties : always t, alike (w t) (b t) /\ alike (s_w t) (s_b t).
Proof.
apply: at_every_step => // [t _ []//|t tT [W S] G].
have S' : alike (s_w t.+1) (s_b t.+1) by passes state_w state_b tT.
by split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5b_adagrad_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_adagrad_equal_biases : equal_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_adagrad_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[[]]. Qed.
End By_adagrad.

Section By_clip_l2_adam.
Hypothesis first_w : each_w t l j k, m_w t l j k = mean beta (t - 1)%N (clip (t - 1)%N * grad_w (t - 1)%N l j k
  + alpha (t - 1)%N * w (t - 1)%N l j k) (m_w (t - 1)%N l j k).
Hypothesis first_b : each_b t l j, m_b t l j = mean beta (t - 1)%N (clip (t - 1)%N * grad_b (t - 1)%N l j
  + alpha (t - 1)%N * b (t - 1)%N l j) (m_b (t - 1)%N l j).
Hypothesis second_w : each_w t l j k, s_w t l j k = mean gamma (t - 1)%N ((clip (t - 1)%N * grad_w (t - 1)%N l j k
  + alpha (t - 1)%N * w (t - 1)%N l j k) ^+ 2) (s_w (t - 1)%N l j k).
Hypothesis second_b : each_b t l j, s_b t l j = mean gamma (t - 1)%N ((clip (t - 1)%N * grad_b (t - 1)%N l j
  + alpha (t - 1)%N * b (t - 1)%N l j) ^+ 2) (s_b (t - 1)%N l j).
Hypothesis rule_w : each_w t l j k, w t l j k = - adam (t - 1)%N (m_w t l j k) (s_w t l j k) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - adam (t - 1)%N (m_b t l j) (s_b t l j) + b (t - 1)%N l j.
Let ties : always t, [/\ alike (w t) (b t), alike (m_w t) (m_b t) & alike (s_w t) (s_b t)].
Proof.
apply: at_every_step => // [t _ []//|t tT [W M S] G].
have M' : alike (m_w t.+1) (m_b t.+1) by passes first_w first_b tT.
have S' : alike (s_w t.+1) (s_b t.+1) by passes second_w second_b tT.
by split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5b_clip_l2_adam_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_clip_l2_adam_equal_biases : equal_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_clip_l2_adam_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[[]]. Qed.
End By_clip_l2_adam.

Hypothesis second_w : each_w t l j k, s_w t l j k =
  mean gamma (t - 1)%N (grad_w (t - 1)%N l j k ^+ 2) (s_w (t - 1)%N l j k).
Hypothesis second_b : each_b t l j, s_b t l j = mean gamma (t - 1)%N (grad_b (t - 1)%N l j ^+ 2) (s_b (t - 1)%N l j).
Let second : passing s_w s_b. Proof. by move=> t tT X G; passes second_w second_b tT. Qed.

Section By_rmsprop.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * (psi (grad_w (t - 1)%N l j k) (s_w t l j k)))
  + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * (psi (grad_b (t - 1)%N l j) (s_b t l j)))
  + b (t - 1)%N l j.
Let ties : always t, alike (w t) (b t) /\ alike (s_w t) (s_b t).
Proof.
apply: at_every_step => // [t _ []//|t tT [W S] G].
by have S' := second tT S G; split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5b_rmsprop_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_rmsprop_equal_biases : equal_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_rmsprop_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[[]]. Qed.
End By_rmsprop.

Hypothesis first_w : each_w t l j k, m_w t l j k = mean beta (t - 1)%N (grad_w (t - 1)%N l j k) (m_w (t - 1)%N l j k).
Hypothesis first_b : each_b t l j, m_b t l j = mean beta (t - 1)%N (grad_b (t - 1)%N l j) (m_b (t - 1)%N l j).
Let first : passing m_w m_b. Proof. by move=> t tT X G; passes first_w first_b tT. Qed.

Section By_adam.
Hypothesis rule_w : each_w t l j k, w t l j k = - adam (t - 1)%N (m_w t l j k) (s_w t l j k) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - adam (t - 1)%N (m_b t l j) (s_b t l j) + b (t - 1)%N l j.
Let ties : always t, [/\ alike (w t) (b t), alike (m_w t) (m_b t) & alike (s_w t) (s_b t)].
Proof.
apply: at_every_step => // [t _ []//|t tT [W M S] G]; have M' := first tT M G.
by have S' := second tT S G; split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5b_adam_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_adam_equal_biases : equal_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_adam_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[[]]. Qed.
End By_adam.

Section By_adamw.
Hypothesis rule_w : each_w t l j k, w t l j k = - (eta (t - 1)%N * lambda (t - 1)%N * w (t - 1)%N l j k)
  - adam (t - 1)%N (m_w t l j k) (s_w t l j k) + w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, b t l j = - (eta (t - 1)%N * lambda (t - 1)%N * b (t - 1)%N l j)
  - adam (t - 1)%N (m_b t l j) (s_b t l j) + b (t - 1)%N l j.
Let ties : always t, [/\ alike (w t) (b t), alike (m_w t) (m_b t) & alike (s_w t) (s_b t)].
Proof.
apply: at_every_step => // [t _ []//|t tT [W M S] G]; have M' := first tT M G.
by have S' := second tT S G; split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5b_adamw_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_adamw_equal_biases : equal_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_adamw_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[[]]. Qed.
End By_adamw.
End Moments.

(* ----------------- an arbitrary rule for each entry ----------------- *)
Section Elementwise.
Variables (K R : nat) (F : real -> seq real -> real -> seq real -> real) (xi : nat -> nat -> real).
Variable (G : real -> real -> seq real -> real -> seq real -> real).
Variables (states_w : nat -> nat -> nat -> nat -> nat -> real) (states_w_0 : nat -> nat -> nat -> nat -> real).
Variables (states_b : nat -> nat -> nat -> nat -> real) (states_b_0 : nat -> nat -> nat -> real).
Local Notation states f := [seq f r | r <- index_iota 1%N R.+1].
Local Notation common t := [seq xi t r | r <- index_iota 1%N K.+1].
Hypothesis rule_w : each_w t l j k, w t l j k = F (w (t - 1)%N l j k) (states (states_w (t - 1)%N l j k))
  (grad_w (t - 1)%N l j k) (common (t - 1)%N).
Hypothesis rule_b : each_b t l j, b t l j = F (b (t - 1)%N l j) (states (states_b (t - 1)%N l j))
  (grad_b (t - 1)%N l j) (common (t - 1)%N).
Hypothesis state_w : forall t l j k r : nat, (1 <= t <= T)%N -> in_w l j k ((1 <= r <= R)%N -> states_w t l j k r =
  G r%:R (w (t - 1)%N l j k) (states (states_w (t - 1)%N l j k)) (grad_w (t - 1)%N l j k) (common (t - 1)%N)).
Hypothesis state_b : forall t l j r : nat, (1 <= t <= T)%N -> in_b l j ((1 <= r <= R)%N -> states_b t l j r =
  G r%:R (b (t - 1)%N l j) (states (states_b (t - 1)%N l j)) (grad_b (t - 1)%N l j) (common (t - 1)%N)).
Hypothesis start_states_w : forall l j k r : nat, in_w l j k ((1 <= r <= R)%N ->
  states_w 0%N l j k r = states_w_0 l j k r).
Hypothesis start_states_b : forall l j r : nat, in_b l j ((1 <= r <= R)%N -> states_b 0%N l j r = states_b_0 l j r).
Hypothesis equal_states_in : forall k r : nat, (1 <= k <= n (m - 1)%N)%N -> (1 <= r <= R)%N ->
  states_w_0 m p k r = states_w_0 m q k r.
Hypothesis equal_states_b : forall r : nat, (1 <= r <= R)%N -> states_b_0 m p r = states_b_0 m q r.
Hypothesis equal_states_out : forall j r : nat, (1 <= j <= n (m + 1)%N)%N -> (1 <= r <= R)%N ->
  states_w_0 (m + 1)%N j p r = states_w_0 (m + 1)%N j q r.

Let ties : always t, alike (w t) (b t)
  /\ forall r, r \in index_iota 1%N R.+1 -> alike (fun l j k => states_w t l j k r) (fun l j => states_b t l j r).
Proof.
apply: at_every_step => [|t _ []//|t tT [W /alike_families S] H].
  split=> // r; rewrite mem_index_iota => rR.
  refine (alike_by (fun l j k lL jn kn => start_states_w lL jn kn rR) (fun l j lL jn => start_states_b lL jn rR) _).
  by split=> [k kn||j jn]; [exact: equal_states_in | exact: equal_states_b | exact: equal_states_out].
split=> [|r]; first by passes rule_w rule_b tT.
rewrite mem_index_iota => rR.
refine (alike_by (fun l j k lL jn kn => state_w tT lL jn kn rR) (fun l j lL jn => state_b tT lL jn rR) _).
by same_parts.
Qed.
Theorem T5b_elementwise_equal_incoming_weights : equal_in w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_elementwise_equal_biases : equal_bias b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_elementwise_equal_outgoing_weights : equal_out w. Proof. by move=> t /ties[[]]. Qed.
End Elementwise.
End AtTheParameters.

(* ----- Nesterov: the gradient is taken ahead of the parameters ------ *)
Section Ahead.
Variables (u_w : nat -> on_w) (u_w_0 : on_w) (u_b : nat -> on_b) (u_b_0 : on_b).
Hypotheses (start_w : starts_w u_w u_w_0) (start_b : starts_b u_b u_b_0).
Hypotheses (equal_w_in : same_in u_w_0) (equal_b : u_b_0 m p = u_b_0 m q) (equal_w_out : same_out u_w_0).
Let started : alike (u_w 0%N) (u_b 0%N). Proof. exact: alike_by start_w start_b (Alike _ _ _). Qed.
Hypothesis ahead_w : forall t l j k : nat, (t <= T)%N -> in_w l j k (w t l j k = mu t * v_w t l j k + u_w t l j k).
Hypothesis ahead_b : forall t l j : nat, (t <= T)%N -> in_b l j (b t l j = mu t * v_b t l j + u_b t l j).
Lemma alike_ahead t : (t <= T)%N -> alike (u_w t) (u_b t) /\ alike (v_w t) (v_b t) -> alike (w t) (b t).
Proof. by move=> tT [U V]; passes ahead_w ahead_b tT. Qed.

Section By_nesterov.
Hypothesis state_w : each_w t l j k, v_w t l j k = - (eta (t - 1)%N * grad_w (t - 1)%N l j k) + mu (t - 1)%N
  * v_w (t - 1)%N l j k.
Hypothesis state_b : each_b t l j, v_b t l j = - (eta (t - 1)%N * grad_b (t - 1)%N l j) + mu (t - 1)%N
  * v_b (t - 1)%N l j.
Hypothesis rule_w : each_w t l j k, u_w t l j k = v_w t l j k + u_w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, u_b t l j = u_b (t - 1)%N l j + v_b t l j.
Let ties : always t, alike (u_w t) (u_b t) /\ alike (v_w t) (v_b t).
Proof.
apply: at_every_step => //; first exact: alike_ahead.
move=> t tT [U V] G; have V' : alike (v_w t.+1) (v_b t.+1) by passes state_w state_b tT.
by split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5b_nesterov_equal_incoming_weights : equal_in u_w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_nesterov_equal_biases : equal_bias u_b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_nesterov_equal_outgoing_weights : equal_out u_w. Proof. by move=> t /ties[[]]. Qed.
End By_nesterov.

Section By_clip_decay_nesterov.
Hypothesis state_w : each_w t l j k, v_w t l j k = - (clip (t - 1)%N * eta (t - 1)%N * grad_w (t - 1)%N l j k)
  + mu (t - 1)%N * v_w (t - 1)%N l j k.
Hypothesis state_b : each_b t l j, v_b t l j = - (clip (t - 1)%N * eta (t - 1)%N * grad_b (t - 1)%N l j)
  + mu (t - 1)%N * v_b (t - 1)%N l j.
Hypothesis rule_w : each_w t l j k, u_w t l j k = - (eta (t - 1)%N * lambda (t - 1)%N * u_w (t - 1)%N l j k)
  + v_w t l j k + u_w (t - 1)%N l j k.
Hypothesis rule_b : each_b t l j, u_b t l j = - (eta (t - 1)%N * lambda (t - 1)%N * u_b (t - 1)%N l j)
  + u_b (t - 1)%N l j + v_b t l j.
Let ties : always t, alike (u_w t) (u_b t) /\ alike (v_w t) (v_b t).
Proof.
apply: at_every_step => //; first exact: alike_ahead.
move=> t tT [U V] G; have V' : alike (v_w t.+1) (v_b t.+1) by passes state_w state_b tT.
by split=> //; passes rule_w rule_b tT.
Qed.
Theorem T5b_clip_decay_nesterov_equal_incoming_weights : equal_in u_w. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_clip_decay_nesterov_equal_biases : equal_bias u_b. Proof. by move=> t /ties[[]]. Qed.
Theorem T5b_clip_decay_nesterov_equal_outgoing_weights : equal_out u_w. Proof. by move=> t /ties[[]]. Qed.
End By_clip_decay_nesterov.
End Ahead.
End Ties.
