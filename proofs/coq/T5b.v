(* T5b (proofs/t5_tied_by_any_optimiser.py): neurons p and q of layer m that start with equal incoming weights, biases,
   outgoing weights and optimiser states stay equal. A section for each rule; the hypotheses of the network are those of
   T5.v. Roots occur only inside psi, an arbitrary function, so that any ordered field will do.
   Theorems named T5b_ confirm what is printed; those of Adam, AdamW and clipping stand in the library alone. Not here:
   the arbitrary elementwise rule (Training.v has it in terms of its own) and the rules of Nesterov. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Sums.
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
Let mL : (1 <= m <= L)%N. Proof. by lia. Qed.
Let m1L : (1 <= m + 1 <= L)%N. Proof. by lia. Qed.

(* a quantity of each weight and each bias has equal values at the two neurons *)
Record alike (fw : nat -> nat -> nat -> nat -> real) (fb : nat -> nat -> nat -> real) (t : nat) : Prop := Alike {
  alike_in : forall k, (1 <= k <= n (m - 1)%N)%N -> fw t m p k = fw t m q k;
  alike_bias : fb t m p = fb t m q;
  alike_out : forall j, (1 <= j <= n (m + 1)%N)%N -> fw t (m + 1)%N j p = fw t (m + 1)%N j q }.

Lemma alike_gradients t : (t <= T)%N -> alike w b t -> alike grad_w grad_b t.
Proof.
move=> tT [win bias wout].
have ez s : (1 <= s <= B)%N -> z t m s p = z t m s q.
  move=> sB; rewrite !h_weighted_input // bias; congr (_ + _).
  by apply: eq_sum => k kn; rewrite win.
have ed s : (1 <= s <= B)%N -> delta t m s p = delta t m s q.
  move=> sB; rewrite !h_delta_of_a_hidden_layer // ez //; congr (_ * _).
  by apply: eq_sum => k kn; rewrite wout.
split=> [k kn||j jn].
- by rewrite !h_gradient_of_the_weights //; apply: eq_sum => s sB; rewrite ed.
- by rewrite !h_gradient_of_the_biases //; apply: eq_sum => s sB; rewrite ed.
- by rewrite !h_gradient_of_the_weights ?addnK //; apply: eq_sum => s sB; rewrite !h_activation // ez.
Qed.

(* by induction: what holds at the start and passes from one step to the next, with equal gradients *)
Lemma at_every_step (Q : nat -> Prop) : Q 0%N -> (forall t, Q t -> alike w b t) ->
  (forall t, (1 <= t.+1 <= T)%N -> Q t -> alike grad_w grad_b t -> Q t.+1) -> forall t, (t <= T)%N -> Q t.
Proof.
move=> Q0 Qw Qs; elim=> [//|t IH] tT; have tT' : (t <= T)%N by exact: ltnW.
by apply: Qs => //; [exact: IH | apply: alike_gradients => //; apply: Qw; exact: IH].
Qed.

(* ---------------------------------------- gd ---------------------------------------- *)
Section By_gd.
Variable b_0 : nat -> nat -> real.
Variable eta : nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - (eta (t - 1)%N * grad_b (t - 1)%N l j) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * grad_w (t - 1)%N l j k) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.

Theorem gd_ties t : (t <= T)%N -> alike w b t.
Proof.
apply: (@at_every_step (fun t => alike w b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  exact: start_w.
- by [].
- move=> t tT [win bw wout] [gin bg gout].
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?win ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?bw ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?wout ?gout.
  exact: next_w.
Qed.

Theorem T5b_gd_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (gd_ties tT)). Qed.
Theorem T5b_gd_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (gd_ties tT)). Qed.
Theorem T5b_gd_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (gd_ties tT)). Qed.
End By_gd.

(* ---------------------------------------- heavy_ball ---------------------------------------- *)
Section By_heavy_ball.
Variable b_0 : nat -> nat -> real.
Variable eta : nat -> real.
Variable mu : nat -> real.
Variable v_b : nat -> nat -> nat -> real.
Variable v_b_0 : nat -> nat -> real.
Variable v_w : nat -> nat -> nat -> nat -> real.
Variable v_w_0 : nat -> nat -> nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - (eta (t - 1)%N * v_b t l j) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_velocities_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  v_b t l j = mu (t - 1)%N * v_b (t - 1)%N l j + grad_b (t - 1)%N l j.
Hypothesis h_rule_of_the_velocities_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  v_w t l j k = mu (t - 1)%N * v_w (t - 1)%N l j k + grad_w (t - 1)%N l j k.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * v_w t l j k) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_velocities_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  v_b 0%N l j = v_b_0 l j.
Hypothesis h_start_of_the_velocities_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  v_w 0%N l j k = v_w_0 l j k.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.
Hypothesis h_equal_velocities_of_the_biases : v_b_0 m p = v_b_0 m q.
Hypothesis h_equal_velocities_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  v_w_0 m p k = v_w_0 m q k.
Hypothesis h_equal_velocities_of_the_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  v_w_0 (m + 1)%N j p = v_w_0 (m + 1)%N j q.

Theorem heavy_ball_ties t : (t <= T)%N -> alike w b t /\ alike v_w v_b t.
Proof.
apply: (@at_every_step (fun t => alike w b t /\ alike v_w v_b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  have start_v_w : alike v_w v_b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_velocities_of_the_weights // h_equal_velocities_of_the_incoming_weights.
    - by rewrite !h_start_of_the_velocities_of_the_biases // h_equal_velocities_of_the_biases.
    - by rewrite !h_start_of_the_velocities_of_the_weights ?addnK // h_equal_velocities_of_the_outgoing_weights.
  exact: (conj start_w start_v_w).
- by move=> t [].
- move=> t tT [[win bw wout] [vin bv vout]] [gin bg gout].
  have next_v_w : alike v_w v_b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_velocities_of_the_weights // [RHS]h_rule_of_the_velocities_of_the_weights // subn1 /= ?win ?vin ?gin.
    - by rewrite [LHS]h_rule_of_the_velocities_of_the_biases // [RHS]h_rule_of_the_velocities_of_the_biases // subn1 /= ?bw ?bv ?bg.
    - by rewrite [LHS]h_rule_of_the_velocities_of_the_weights ?addnK // [RHS]h_rule_of_the_velocities_of_the_weights ?addnK // subn1 /= ?wout ?vout ?gout.
  have [nvin nvb nvout] := next_v_w.
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?nvin ?win ?vin ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?nvb ?bw ?bv ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?nvout ?wout ?vout ?gout.
  exact: (conj next_w next_v_w).
Qed.

Theorem T5b_heavy_ball_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (proj1 (heavy_ball_ties tT))). Qed.
Theorem T5b_heavy_ball_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (proj1 (heavy_ball_ties tT))). Qed.
Theorem T5b_heavy_ball_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (proj1 (heavy_ball_ties tT))). Qed.
End By_heavy_ball.

(* ---------------------------------------- adagrad ---------------------------------------- *)
Section By_adagrad.
Variable psi : real -> real -> real.
Variable b_0 : nat -> nat -> real.
Variable eta : nat -> real.
Variable s_b : nat -> nat -> nat -> real.
Variable s_b_0 : nat -> nat -> real.
Variable s_w : nat -> nat -> nat -> nat -> real.
Variable s_w_0 : nat -> nat -> nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - (eta (t - 1)%N * (psi (grad_b (t - 1)%N l j) (s_b t l j))) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_second_moments_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b t l j = (grad_b (t - 1)%N l j ^+ 2) + s_b (t - 1)%N l j.
Hypothesis h_rule_of_the_second_moments_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w t l j k = (grad_w (t - 1)%N l j k ^+ 2) + s_w (t - 1)%N l j k.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * (psi (grad_w (t - 1)%N l j k) (s_w t l j k))) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_second_moments_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b 0%N l j = s_b_0 l j.
Hypothesis h_start_of_the_second_moments_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w 0%N l j k = s_w_0 l j k.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.
Hypothesis h_equal_second_moments_of_the_biases : s_b_0 m p = s_b_0 m q.
Hypothesis h_equal_second_moments_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  s_w_0 m p k = s_w_0 m q k.
Hypothesis h_equal_second_moments_of_the_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  s_w_0 (m + 1)%N j p = s_w_0 (m + 1)%N j q.

Theorem adagrad_ties t : (t <= T)%N -> alike w b t /\ alike s_w s_b t.
Proof.
apply: (@at_every_step (fun t => alike w b t /\ alike s_w s_b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  have start_s_w : alike s_w s_b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_second_moments_of_the_weights // h_equal_second_moments_of_the_incoming_weights.
    - by rewrite !h_start_of_the_second_moments_of_the_biases // h_equal_second_moments_of_the_biases.
    - by rewrite !h_start_of_the_second_moments_of_the_weights ?addnK // h_equal_second_moments_of_the_outgoing_weights.
  exact: (conj start_w start_s_w).
- by move=> t [].
- move=> t tT [[win bw wout] [sin bs sout]] [gin bg gout].
  have next_s_w : alike s_w s_b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights // [RHS]h_rule_of_the_second_moments_of_the_weights // subn1 /= ?win ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_biases // [RHS]h_rule_of_the_second_moments_of_the_biases // subn1 /= ?bw ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights ?addnK // [RHS]h_rule_of_the_second_moments_of_the_weights ?addnK // subn1 /= ?wout ?sout ?gout.
  have [nsin nsb nsout] := next_s_w.
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?nsin ?win ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?nsb ?bw ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?nsout ?wout ?sout ?gout.
  exact: (conj next_w next_s_w).
Qed.

Theorem T5b_adagrad_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (proj1 (adagrad_ties tT))). Qed.
Theorem T5b_adagrad_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (proj1 (adagrad_ties tT))). Qed.
Theorem T5b_adagrad_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (proj1 (adagrad_ties tT))). Qed.
End By_adagrad.

(* ---------------------------------------- rmsprop ---------------------------------------- *)
Section By_rmsprop.
Variable psi : real -> real -> real.
Variable b_0 : nat -> nat -> real.
Variable eta : nat -> real.
Variable gamma : nat -> real.
Variable s_b : nat -> nat -> nat -> real.
Variable s_b_0 : nat -> nat -> real.
Variable s_w : nat -> nat -> nat -> nat -> real.
Variable s_w_0 : nat -> nat -> nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - (eta (t - 1)%N * (psi (grad_b (t - 1)%N l j) (s_b t l j))) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_second_moments_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b t l j = (1 - gamma (t - 1)%N) * (grad_b (t - 1)%N l j ^+ 2) + gamma (t - 1)%N * s_b (t - 1)%N l j.
Hypothesis h_rule_of_the_second_moments_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w t l j k = (1 - gamma (t - 1)%N) * (grad_w (t - 1)%N l j k ^+ 2) + gamma (t - 1)%N * s_w (t - 1)%N l j k.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * (psi (grad_w (t - 1)%N l j k) (s_w t l j k))) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_second_moments_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b 0%N l j = s_b_0 l j.
Hypothesis h_start_of_the_second_moments_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w 0%N l j k = s_w_0 l j k.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.
Hypothesis h_equal_second_moments_of_the_biases : s_b_0 m p = s_b_0 m q.
Hypothesis h_equal_second_moments_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  s_w_0 m p k = s_w_0 m q k.
Hypothesis h_equal_second_moments_of_the_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  s_w_0 (m + 1)%N j p = s_w_0 (m + 1)%N j q.

Theorem rmsprop_ties t : (t <= T)%N -> alike w b t /\ alike s_w s_b t.
Proof.
apply: (@at_every_step (fun t => alike w b t /\ alike s_w s_b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  have start_s_w : alike s_w s_b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_second_moments_of_the_weights // h_equal_second_moments_of_the_incoming_weights.
    - by rewrite !h_start_of_the_second_moments_of_the_biases // h_equal_second_moments_of_the_biases.
    - by rewrite !h_start_of_the_second_moments_of_the_weights ?addnK // h_equal_second_moments_of_the_outgoing_weights.
  exact: (conj start_w start_s_w).
- by move=> t [].
- move=> t tT [[win bw wout] [sin bs sout]] [gin bg gout].
  have next_s_w : alike s_w s_b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights // [RHS]h_rule_of_the_second_moments_of_the_weights // subn1 /= ?win ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_biases // [RHS]h_rule_of_the_second_moments_of_the_biases // subn1 /= ?bw ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights ?addnK // [RHS]h_rule_of_the_second_moments_of_the_weights ?addnK // subn1 /= ?wout ?sout ?gout.
  have [nsin nsb nsout] := next_s_w.
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?nsin ?win ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?nsb ?bw ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?nsout ?wout ?sout ?gout.
  exact: (conj next_w next_s_w).
Qed.

Theorem T5b_rmsprop_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (proj1 (rmsprop_ties tT))). Qed.
Theorem T5b_rmsprop_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (proj1 (rmsprop_ties tT))). Qed.
Theorem T5b_rmsprop_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (proj1 (rmsprop_ties tT))). Qed.
End By_rmsprop.

(* ---------------------------------------- adam ---------------------------------------- *)
Section By_adam.
Variable psi : real -> real -> real.
Variable b_0 : nat -> nat -> real.
Variable beta : nat -> real.
Variable beta_correction : nat -> real.
Variable eta : nat -> real.
Variable gamma : nat -> real.
Variable gamma_correction : nat -> real.
Variable m_b : nat -> nat -> nat -> real.
Variable m_b_0 : nat -> nat -> real.
Variable m_w : nat -> nat -> nat -> nat -> real.
Variable m_w_0 : nat -> nat -> nat -> real.
Variable s_b : nat -> nat -> nat -> real.
Variable s_b_0 : nat -> nat -> real.
Variable s_w : nat -> nat -> nat -> nat -> real.
Variable s_w_0 : nat -> nat -> nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - (eta (t - 1)%N * (psi (beta_correction (t - 1)%N * m_b t l j) (gamma_correction (t - 1)%N * s_b t l j))) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_first_moments_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  m_b t l j = (1 - beta (t - 1)%N) * grad_b (t - 1)%N l j + beta (t - 1)%N * m_b (t - 1)%N l j.
Hypothesis h_rule_of_the_first_moments_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  m_w t l j k = (1 - beta (t - 1)%N) * grad_w (t - 1)%N l j k + beta (t - 1)%N * m_w (t - 1)%N l j k.
Hypothesis h_rule_of_the_second_moments_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b t l j = (1 - gamma (t - 1)%N) * (grad_b (t - 1)%N l j ^+ 2) + gamma (t - 1)%N * s_b (t - 1)%N l j.
Hypothesis h_rule_of_the_second_moments_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w t l j k = (1 - gamma (t - 1)%N) * (grad_w (t - 1)%N l j k ^+ 2) + gamma (t - 1)%N * s_w (t - 1)%N l j k.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * (psi (beta_correction (t - 1)%N * m_w t l j k) (gamma_correction (t - 1)%N * s_w t l j k))) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_first_moments_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  m_b 0%N l j = m_b_0 l j.
Hypothesis h_start_of_the_first_moments_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  m_w 0%N l j k = m_w_0 l j k.
Hypothesis h_start_of_the_second_moments_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b 0%N l j = s_b_0 l j.
Hypothesis h_start_of_the_second_moments_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w 0%N l j k = s_w_0 l j k.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_first_moments_of_the_biases : m_b_0 m p = m_b_0 m q.
Hypothesis h_equal_first_moments_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  m_w_0 m p k = m_w_0 m q k.
Hypothesis h_equal_first_moments_of_the_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  m_w_0 (m + 1)%N j p = m_w_0 (m + 1)%N j q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.
Hypothesis h_equal_second_moments_of_the_biases : s_b_0 m p = s_b_0 m q.
Hypothesis h_equal_second_moments_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  s_w_0 m p k = s_w_0 m q k.
Hypothesis h_equal_second_moments_of_the_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  s_w_0 (m + 1)%N j p = s_w_0 (m + 1)%N j q.

Theorem adam_ties t : (t <= T)%N -> alike w b t /\ alike m_w m_b t /\ alike s_w s_b t.
Proof.
apply: (@at_every_step (fun t => alike w b t /\ alike m_w m_b t /\ alike s_w s_b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  have start_m_w : alike m_w m_b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_first_moments_of_the_weights // h_equal_first_moments_of_the_incoming_weights.
    - by rewrite !h_start_of_the_first_moments_of_the_biases // h_equal_first_moments_of_the_biases.
    - by rewrite !h_start_of_the_first_moments_of_the_weights ?addnK // h_equal_first_moments_of_the_outgoing_weights.
  have start_s_w : alike s_w s_b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_second_moments_of_the_weights // h_equal_second_moments_of_the_incoming_weights.
    - by rewrite !h_start_of_the_second_moments_of_the_biases // h_equal_second_moments_of_the_biases.
    - by rewrite !h_start_of_the_second_moments_of_the_weights ?addnK // h_equal_second_moments_of_the_outgoing_weights.
  exact: (conj start_w (conj start_m_w start_s_w)).
- by move=> t [].
- move=> t tT [[win bw wout] [[min bm mout] [sin bs sout]]] [gin bg gout].
  have next_m_w : alike m_w m_b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_first_moments_of_the_weights // [RHS]h_rule_of_the_first_moments_of_the_weights // subn1 /= ?win ?min ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_first_moments_of_the_biases // [RHS]h_rule_of_the_first_moments_of_the_biases // subn1 /= ?bw ?bm ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_first_moments_of_the_weights ?addnK // [RHS]h_rule_of_the_first_moments_of_the_weights ?addnK // subn1 /= ?wout ?mout ?sout ?gout.
  have [nmin nmb nmout] := next_m_w.
  have next_s_w : alike s_w s_b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights // [RHS]h_rule_of_the_second_moments_of_the_weights // subn1 /= ?nmin ?win ?min ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_biases // [RHS]h_rule_of_the_second_moments_of_the_biases // subn1 /= ?nmb ?bw ?bm ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights ?addnK // [RHS]h_rule_of_the_second_moments_of_the_weights ?addnK // subn1 /= ?nmout ?wout ?mout ?sout ?gout.
  have [nsin nsb nsout] := next_s_w.
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?nmin ?nsin ?win ?min ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?nmb ?nsb ?bw ?bm ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?nmout ?nsout ?wout ?mout ?sout ?gout.
  exact: (conj next_w (conj next_m_w next_s_w)).
Qed.

Theorem adam_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (proj1 (adam_ties tT))). Qed.
Theorem adam_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (proj1 (adam_ties tT))). Qed.
Theorem adam_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (proj1 (adam_ties tT))). Qed.
End By_adam.

(* ---------------------------------------- adamw ---------------------------------------- *)
Section By_adamw.
Variable psi : real -> real -> real.
Variable b_0 : nat -> nat -> real.
Variable beta : nat -> real.
Variable beta_correction : nat -> real.
Variable eta : nat -> real.
Variable gamma : nat -> real.
Variable gamma_correction : nat -> real.
Variable lambda : nat -> real.
Variable m_b : nat -> nat -> nat -> real.
Variable m_b_0 : nat -> nat -> real.
Variable m_w : nat -> nat -> nat -> nat -> real.
Variable m_w_0 : nat -> nat -> nat -> real.
Variable s_b : nat -> nat -> nat -> real.
Variable s_b_0 : nat -> nat -> real.
Variable s_w : nat -> nat -> nat -> nat -> real.
Variable s_w_0 : nat -> nat -> nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - (eta (t - 1)%N * lambda (t - 1)%N * b (t - 1)%N l j) - (eta (t - 1)%N * (psi (beta_correction (t - 1)%N * m_b t l j) (gamma_correction (t - 1)%N * s_b t l j))) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_first_moments_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  m_b t l j = (1 - beta (t - 1)%N) * grad_b (t - 1)%N l j + beta (t - 1)%N * m_b (t - 1)%N l j.
Hypothesis h_rule_of_the_first_moments_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  m_w t l j k = (1 - beta (t - 1)%N) * grad_w (t - 1)%N l j k + beta (t - 1)%N * m_w (t - 1)%N l j k.
Hypothesis h_rule_of_the_second_moments_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b t l j = (1 - gamma (t - 1)%N) * (grad_b (t - 1)%N l j ^+ 2) + gamma (t - 1)%N * s_b (t - 1)%N l j.
Hypothesis h_rule_of_the_second_moments_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w t l j k = (1 - gamma (t - 1)%N) * (grad_w (t - 1)%N l j k ^+ 2) + gamma (t - 1)%N * s_w (t - 1)%N l j k.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * lambda (t - 1)%N * w (t - 1)%N l j k) - (eta (t - 1)%N * (psi (beta_correction (t - 1)%N * m_w t l j k) (gamma_correction (t - 1)%N * s_w t l j k))) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_first_moments_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  m_b 0%N l j = m_b_0 l j.
Hypothesis h_start_of_the_first_moments_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  m_w 0%N l j k = m_w_0 l j k.
Hypothesis h_start_of_the_second_moments_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b 0%N l j = s_b_0 l j.
Hypothesis h_start_of_the_second_moments_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w 0%N l j k = s_w_0 l j k.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_first_moments_of_the_biases : m_b_0 m p = m_b_0 m q.
Hypothesis h_equal_first_moments_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  m_w_0 m p k = m_w_0 m q k.
Hypothesis h_equal_first_moments_of_the_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  m_w_0 (m + 1)%N j p = m_w_0 (m + 1)%N j q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.
Hypothesis h_equal_second_moments_of_the_biases : s_b_0 m p = s_b_0 m q.
Hypothesis h_equal_second_moments_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  s_w_0 m p k = s_w_0 m q k.
Hypothesis h_equal_second_moments_of_the_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  s_w_0 (m + 1)%N j p = s_w_0 (m + 1)%N j q.

Theorem adamw_ties t : (t <= T)%N -> alike w b t /\ alike m_w m_b t /\ alike s_w s_b t.
Proof.
apply: (@at_every_step (fun t => alike w b t /\ alike m_w m_b t /\ alike s_w s_b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  have start_m_w : alike m_w m_b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_first_moments_of_the_weights // h_equal_first_moments_of_the_incoming_weights.
    - by rewrite !h_start_of_the_first_moments_of_the_biases // h_equal_first_moments_of_the_biases.
    - by rewrite !h_start_of_the_first_moments_of_the_weights ?addnK // h_equal_first_moments_of_the_outgoing_weights.
  have start_s_w : alike s_w s_b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_second_moments_of_the_weights // h_equal_second_moments_of_the_incoming_weights.
    - by rewrite !h_start_of_the_second_moments_of_the_biases // h_equal_second_moments_of_the_biases.
    - by rewrite !h_start_of_the_second_moments_of_the_weights ?addnK // h_equal_second_moments_of_the_outgoing_weights.
  exact: (conj start_w (conj start_m_w start_s_w)).
- by move=> t [].
- move=> t tT [[win bw wout] [[min bm mout] [sin bs sout]]] [gin bg gout].
  have next_m_w : alike m_w m_b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_first_moments_of_the_weights // [RHS]h_rule_of_the_first_moments_of_the_weights // subn1 /= ?win ?min ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_first_moments_of_the_biases // [RHS]h_rule_of_the_first_moments_of_the_biases // subn1 /= ?bw ?bm ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_first_moments_of_the_weights ?addnK // [RHS]h_rule_of_the_first_moments_of_the_weights ?addnK // subn1 /= ?wout ?mout ?sout ?gout.
  have [nmin nmb nmout] := next_m_w.
  have next_s_w : alike s_w s_b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights // [RHS]h_rule_of_the_second_moments_of_the_weights // subn1 /= ?nmin ?win ?min ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_biases // [RHS]h_rule_of_the_second_moments_of_the_biases // subn1 /= ?nmb ?bw ?bm ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights ?addnK // [RHS]h_rule_of_the_second_moments_of_the_weights ?addnK // subn1 /= ?nmout ?wout ?mout ?sout ?gout.
  have [nsin nsb nsout] := next_s_w.
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?nmin ?nsin ?win ?min ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?nmb ?nsb ?bw ?bm ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?nmout ?nsout ?wout ?mout ?sout ?gout.
  exact: (conj next_w (conj next_m_w next_s_w)).
Qed.

Theorem adamw_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (proj1 (adamw_ties tT))). Qed.
Theorem adamw_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (proj1 (adamw_ties tT))). Qed.
Theorem adamw_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (proj1 (adamw_ties tT))). Qed.
End By_adamw.

(* ---------------------------------------- sign_descent ---------------------------------------- *)
Section By_sign_descent.
Variable sgn : real -> real.
Variable b_0 : nat -> nat -> real.
Variable eta : nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - ((sgn (grad_b (t - 1)%N l j)) * eta (t - 1)%N) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - ((sgn (grad_w (t - 1)%N l j k)) * eta (t - 1)%N) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.

Theorem sign_descent_ties t : (t <= T)%N -> alike w b t.
Proof.
apply: (@at_every_step (fun t => alike w b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  exact: start_w.
- by [].
- move=> t tT [win bw wout] [gin bg gout].
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?win ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?bw ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?wout ?gout.
  exact: next_w.
Qed.

Theorem T5b_sign_descent_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (sign_descent_ties tT)). Qed.
Theorem T5b_sign_descent_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (sign_descent_ties tT)). Qed.
Theorem T5b_sign_descent_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (sign_descent_ties tT)). Qed.
End By_sign_descent.

(* ---------------------------------------- l2 + gd ---------------------------------------- *)
Section By_l2_gd.
Variable alpha : nat -> real.
Variable b_0 : nat -> nat -> real.
Variable eta : nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - ((alpha (t - 1)%N * b (t - 1)%N l j + grad_b (t - 1)%N l j) * eta (t - 1)%N) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - ((alpha (t - 1)%N * w (t - 1)%N l j k + grad_w (t - 1)%N l j k) * eta (t - 1)%N) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.

Theorem l2_gd_ties t : (t <= T)%N -> alike w b t.
Proof.
apply: (@at_every_step (fun t => alike w b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  exact: start_w.
- by [].
- move=> t tT [win bw wout] [gin bg gout].
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?win ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?bw ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?wout ?gout.
  exact: next_w.
Qed.

Theorem T5b_l2_gd_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (l2_gd_ties tT)). Qed.
Theorem T5b_l2_gd_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (l2_gd_ties tT)). Qed.
Theorem T5b_l2_gd_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (l2_gd_ties tT)). Qed.
End By_l2_gd.

(* ---------------------------------------- decay + gd ---------------------------------------- *)
Section By_decay_gd.
Variable b_0 : nat -> nat -> real.
Variable eta : nat -> real.
Variable lambda : nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - (eta (t - 1)%N * lambda (t - 1)%N * b (t - 1)%N l j) - (eta (t - 1)%N * grad_b (t - 1)%N l j) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * lambda (t - 1)%N * w (t - 1)%N l j k) - (eta (t - 1)%N * grad_w (t - 1)%N l j k) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.

Theorem decay_gd_ties t : (t <= T)%N -> alike w b t.
Proof.
apply: (@at_every_step (fun t => alike w b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  exact: start_w.
- by [].
- move=> t tT [win bw wout] [gin bg gout].
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?win ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?bw ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?wout ?gout.
  exact: next_w.
Qed.

Theorem T5b_decay_gd_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (decay_gd_ties tT)). Qed.
Theorem T5b_decay_gd_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (decay_gd_ties tT)). Qed.
Theorem T5b_decay_gd_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (decay_gd_ties tT)). Qed.
End By_decay_gd.

(* ---------------------------------------- clip + gd ---------------------------------------- *)
Section By_clip_gd.
Variable kappa : real -> real.
Variable b_0 : nat -> nat -> real.
Variable eta : nat -> real.
Variable nu : nat -> real.
Variable rho : nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - ((kappa (nu (t - 1)%N * rho (t - 1)%N - 1)) * eta (t - 1)%N * grad_b (t - 1)%N l j) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - ((kappa (nu (t - 1)%N * rho (t - 1)%N - 1)) * eta (t - 1)%N * grad_w (t - 1)%N l j k) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.

Theorem clip_gd_ties t : (t <= T)%N -> alike w b t.
Proof.
apply: (@at_every_step (fun t => alike w b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  exact: start_w.
- by [].
- move=> t tT [win bw wout] [gin bg gout].
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?win ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?bw ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?wout ?gout.
  exact: next_w.
Qed.

Theorem clip_gd_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (clip_gd_ties tT)). Qed.
Theorem clip_gd_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (clip_gd_ties tT)). Qed.
Theorem clip_gd_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (clip_gd_ties tT)). Qed.
End By_clip_gd.

(* ---------------------------------------- clip + l2 + adam ---------------------------------------- *)
Section By_clip_l2_adam.
Variable kappa : real -> real.
Variable psi : real -> real -> real.
Variable alpha : nat -> real.
Variable b_0 : nat -> nat -> real.
Variable beta : nat -> real.
Variable beta_correction : nat -> real.
Variable eta : nat -> real.
Variable gamma : nat -> real.
Variable gamma_correction : nat -> real.
Variable m_b : nat -> nat -> nat -> real.
Variable m_b_0 : nat -> nat -> real.
Variable m_w : nat -> nat -> nat -> nat -> real.
Variable m_w_0 : nat -> nat -> nat -> real.
Variable nu : nat -> real.
Variable rho : nat -> real.
Variable s_b : nat -> nat -> nat -> real.
Variable s_b_0 : nat -> nat -> real.
Variable s_w : nat -> nat -> nat -> nat -> real.
Variable s_w_0 : nat -> nat -> nat -> real.
Variable w_0 : nat -> nat -> nat -> real.
Hypothesis h_rule_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b t l j = - (eta (t - 1)%N * (psi (beta_correction (t - 1)%N * m_b t l j) (gamma_correction (t - 1)%N * s_b t l j))) + b (t - 1)%N l j.
Hypothesis h_rule_of_the_first_moments_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  m_b t l j = (1 - beta (t - 1)%N) * ((kappa (nu (t - 1)%N * rho (t - 1)%N - 1)) * grad_b (t - 1)%N l j + alpha (t - 1)%N * b (t - 1)%N l j) + beta (t - 1)%N * m_b (t - 1)%N l j.
Hypothesis h_rule_of_the_first_moments_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  m_w t l j k = (1 - beta (t - 1)%N) * ((kappa (nu (t - 1)%N * rho (t - 1)%N - 1)) * grad_w (t - 1)%N l j k + alpha (t - 1)%N * w (t - 1)%N l j k) + beta (t - 1)%N * m_w (t - 1)%N l j k.
Hypothesis h_rule_of_the_second_moments_of_the_biases : forall t l j : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b t l j = (1 - gamma (t - 1)%N) * (((kappa (nu (t - 1)%N * rho (t - 1)%N - 1)) * grad_b (t - 1)%N l j + alpha (t - 1)%N * b (t - 1)%N l j) ^+ 2) + gamma (t - 1)%N * s_b (t - 1)%N l j.
Hypothesis h_rule_of_the_second_moments_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w t l j k = (1 - gamma (t - 1)%N) * (((kappa (nu (t - 1)%N * rho (t - 1)%N - 1)) * grad_w (t - 1)%N l j k + alpha (t - 1)%N * w (t - 1)%N l j k) ^+ 2) + gamma (t - 1)%N * s_w (t - 1)%N l j k.
Hypothesis h_rule_of_the_weights : forall t l j k : nat, (1 <= t <= T)%N -> (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w t l j k = - (eta (t - 1)%N * (psi (beta_correction (t - 1)%N * m_w t l j k) (gamma_correction (t - 1)%N * s_w t l j k))) + w (t - 1)%N l j k.
Hypothesis h_start_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  b 0%N l j = b_0 l j.
Hypothesis h_start_of_the_first_moments_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  m_b 0%N l j = m_b_0 l j.
Hypothesis h_start_of_the_first_moments_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  m_w 0%N l j k = m_w_0 l j k.
Hypothesis h_start_of_the_second_moments_of_the_biases : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
  s_b 0%N l j = s_b_0 l j.
Hypothesis h_start_of_the_second_moments_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  s_w 0%N l j k = s_w_0 l j k.
Hypothesis h_start_of_the_weights : forall l j k : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> (1 <= k <= n (l - 1)%N)%N ->
  w 0%N l j k = w_0 l j k.
Hypothesis h_equal_biases : b_0 m p = b_0 m q.
Hypothesis h_equal_first_moments_of_the_biases : m_b_0 m p = m_b_0 m q.
Hypothesis h_equal_first_moments_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  m_w_0 m p k = m_w_0 m q k.
Hypothesis h_equal_first_moments_of_the_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  m_w_0 (m + 1)%N j p = m_w_0 (m + 1)%N j q.
Hypothesis h_equal_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N -> w_0 m p k = w_0 m q k.
Hypothesis h_equal_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  w_0 (m + 1)%N j p = w_0 (m + 1)%N j q.
Hypothesis h_equal_second_moments_of_the_biases : s_b_0 m p = s_b_0 m q.
Hypothesis h_equal_second_moments_of_the_incoming_weights : forall k : nat, (1 <= k <= n (m - 1)%N)%N ->
  s_w_0 m p k = s_w_0 m q k.
Hypothesis h_equal_second_moments_of_the_outgoing_weights : forall j : nat, (1 <= j <= n (m + 1)%N)%N ->
  s_w_0 (m + 1)%N j p = s_w_0 (m + 1)%N j q.

Theorem clip_l2_adam_ties t : (t <= T)%N -> alike w b t /\ alike m_w m_b t /\ alike s_w s_b t.
Proof.
apply: (@at_every_step (fun t => alike w b t /\ alike m_w m_b t /\ alike s_w s_b t)) => {t}.
- have start_w : alike w b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_weights // h_equal_incoming_weights.
    - by rewrite !h_start_of_the_biases // h_equal_biases.
    - by rewrite !h_start_of_the_weights ?addnK // h_equal_outgoing_weights.
  have start_m_w : alike m_w m_b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_first_moments_of_the_weights // h_equal_first_moments_of_the_incoming_weights.
    - by rewrite !h_start_of_the_first_moments_of_the_biases // h_equal_first_moments_of_the_biases.
    - by rewrite !h_start_of_the_first_moments_of_the_weights ?addnK // h_equal_first_moments_of_the_outgoing_weights.
  have start_s_w : alike s_w s_b 0.
    split=> [k kn||j jn].
    - by rewrite !h_start_of_the_second_moments_of_the_weights // h_equal_second_moments_of_the_incoming_weights.
    - by rewrite !h_start_of_the_second_moments_of_the_biases // h_equal_second_moments_of_the_biases.
    - by rewrite !h_start_of_the_second_moments_of_the_weights ?addnK // h_equal_second_moments_of_the_outgoing_weights.
  exact: (conj start_w (conj start_m_w start_s_w)).
- by move=> t [].
- move=> t tT [[win bw wout] [[min bm mout] [sin bs sout]]] [gin bg gout].
  have next_m_w : alike m_w m_b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_first_moments_of_the_weights // [RHS]h_rule_of_the_first_moments_of_the_weights // subn1 /= ?win ?min ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_first_moments_of_the_biases // [RHS]h_rule_of_the_first_moments_of_the_biases // subn1 /= ?bw ?bm ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_first_moments_of_the_weights ?addnK // [RHS]h_rule_of_the_first_moments_of_the_weights ?addnK // subn1 /= ?wout ?mout ?sout ?gout.
  have [nmin nmb nmout] := next_m_w.
  have next_s_w : alike s_w s_b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights // [RHS]h_rule_of_the_second_moments_of_the_weights // subn1 /= ?nmin ?win ?min ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_biases // [RHS]h_rule_of_the_second_moments_of_the_biases // subn1 /= ?nmb ?bw ?bm ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_second_moments_of_the_weights ?addnK // [RHS]h_rule_of_the_second_moments_of_the_weights ?addnK // subn1 /= ?nmout ?wout ?mout ?sout ?gout.
  have [nsin nsb nsout] := next_s_w.
  have next_w : alike w b t.+1.
    split=> [k kn||j jn].
    - by rewrite [LHS]h_rule_of_the_weights // [RHS]h_rule_of_the_weights // subn1 /= ?nmin ?nsin ?win ?min ?sin ?gin.
    - by rewrite [LHS]h_rule_of_the_biases // [RHS]h_rule_of_the_biases // subn1 /= ?nmb ?nsb ?bw ?bm ?bs ?bg.
    - by rewrite [LHS]h_rule_of_the_weights ?addnK // [RHS]h_rule_of_the_weights ?addnK // subn1 /= ?nmout ?nsout ?wout ?mout ?sout ?gout.
  exact: (conj next_w (conj next_m_w next_s_w)).
Qed.

Theorem clip_l2_adam_equal_incoming_weights t k : (t <= T)%N -> (1 <= k <= n (m - 1)%N)%N -> w t m p k = w t m q k.
Proof. move=> tT; exact: (alike_in (proj1 (clip_l2_adam_ties tT))). Qed.
Theorem clip_l2_adam_equal_biases t : (t <= T)%N -> b t m p = b t m q.
Proof. move=> tT; exact: (alike_bias (proj1 (clip_l2_adam_ties tT))). Qed.
Theorem clip_l2_adam_equal_outgoing_weights t j : (t <= T)%N -> (1 <= j <= n (m + 1)%N)%N ->
  w t (m + 1)%N j p = w t (m + 1)%N j q.
Proof. move=> tT; exact: (alike_out (proj1 (clip_l2_adam_ties tT))). Qed.
End By_clip_l2_adam.

End Ties.
