(* T14 (proofs/critical_hessian.py), the second derivative along a direction where the last neuron is split in two
   (T14.v): the blocks of the Hessian, and what they are at a critical point. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From mathcomp.algebra_tactics Require Import ring.
From Symderive Require Import Sums T9 SecondDerivative T14.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

(* ------------------------------------- the last neuron split in two ------------------------------------- *)
Section Blocks.
Variables (real : realFieldType) (B H K N : nat) (sigma dsigma d2sigma : real -> real).
Variables (cost_1 : nat -> seq real -> seq real -> real) (cost_1_1 : nat -> nat -> seq real -> seq real -> real).
Variables (A Q : nat -> nat -> real) (a a_tilde bar_a bar_a_tilde bar_o bar_o_tilde : nat -> nat -> real).
Variables (grad_vC_a grad_vC_bar_a grad_vC_bar_o grad_vC_bar_z grad_vC_o : nat -> nat -> real).
Variables (grad_vC_v grad_vC_w grad_vC_z : nat -> nat -> real).
Variables (grad_vC_a_tilde grad_vC_bar_a_tilde grad_vC_bar_o_tilde grad_vC_bar_z_tilde : nat -> nat -> real).
Variables (grad_vC_o_tilde grad_vC_v_tilde grad_vC_w_tilde grad_vC_z_tilde : nat -> nat -> real).
Variables (o o_tilde v v_tilde v_v v_v_tilde v_w v_w_tilde w w_tilde x y z z_tilde : nat -> nat -> real).
Variables (alpha c e lambda q q_tilde rho : real) (nu t xi : nat -> real) (bar_z grad_w : nat -> nat -> real).
Variables (exp : real -> real) (b g l : real).
(* those stand first that say what most letters are: an exported statement is matched in this order *)
Hypothesis h_the_second_derivative_is_0 : q_tilde = 0.
Hypothesis h_the_smaller_Hessian_is_positive_definite : q =
  ((\sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) (v_v r i ^+ 2)))
  + (\sum_(1 <= i < H.+1) (\sum_(1 <= k < K.+1) (v_w i k ^+ 2)))) * (exp g) + (rho ^+ 2).
Hypothesis h_A_is_positive_definite : \sum_(1 <= k < K.+1) (\sum_(1 <= m < K.+1) xi k * xi m * A k m)
  = (exp b) * (\sum_(1 <= k < K.+1) (xi k ^+ 2)) + (alpha ^+ 2).
Hypothesis h_lambda_lies_strictly_between_0_and_1 : (1 - lambda) * lambda = exp l.
Hypothesis exp_of_0 : exp 0 = 1.
Hypothesis exp_of_a_sum : forall u v : real, exp (u + v) = exp u * exp v.
Hypothesis h_second_derivative_along_the_direction : q =
  (\sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) grad_vC_v r i * v_v r i))
  + (\sum_(1 <= i < H.+1) (\sum_(1 <= k < K.+1) grad_vC_w i k * v_w i k)).
Hypothesis h_second_derivative_along_the_direction_one_neuron_more : q_tilde =
  (\sum_(1 <= r < N.+1) (\sum_(1 <= i < (H + 1)%N.+1) grad_vC_v_tilde r i * v_v_tilde r i))
  + (\sum_(1 <= i < (H + 1)%N.+1) (\sum_(1 <= k < K.+1) grad_vC_w_tilde i k * v_w_tilde i k)).
Hypothesis h_A : forall k m : nat, (1 <= k <= K)%N -> (1 <= m <= K)%N -> A k m =
  \sum_(1 <= s < B.+1) (d2sigma (z s H)) * bar_a s H * x s k * x s m.
Hypothesis h_Q : forall k r : nat, (1 <= k <= K)%N -> (1 <= r <= N)%N -> Q k r =
  \sum_(1 <= s < B.+1) (dsigma (z s H)) * bar_o s r * x s k.
Hypothesis h_form_of_a_sample : forall s : nat, (1 <= s <= B)%N -> t s = \sum_(1 <= k < K.+1) xi k * x s k.
Hypothesis H_positive : (0 < H)%N.
Hypothesis h_outgoing_weights_part_along_the_line : forall r : nat, (1 <= r <= N)%N -> nu r = c * v r H.
Hypothesis h_gradient_of_the_incoming_weights : forall i k : nat, (1 <= i <= H)%N -> (1 <= k <= K)%N ->
  grad_w i k = \sum_(1 <= s < B.+1) bar_z s i * x s k.
Hypothesis h_critical_incoming_weights : forall i k : nat, (1 <= i <= H)%N -> (1 <= k <= K)%N -> grad_w i k = 0.
Hypothesis h_delta : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N ->
  bar_z s i = (dsigma (z s i)) * bar_a s i.
Hypothesis h_weighted_input : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N -> z s i =
  \sum_(1 <= k < K.+1) w i k * x s k.
Hypothesis h_weighted_input_one_neuron_more : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H + 1)%N ->
  z_tilde s i = \sum_(1 <= k < K.+1) w_tilde i k * x s k.
Hypothesis h_activation : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N -> a s i = sigma (z s i).
Hypothesis h_activation_one_neuron_more : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H + 1)%N ->
  a_tilde s i = sigma (z_tilde s i).
Hypothesis h_output : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N -> o s r =
  \sum_(1 <= i < H.+1) a s i * v r i.
Hypothesis h_output_one_neuron_more : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N -> o_tilde s r =
  \sum_(1 <= i < (H + 1)%N.+1) a_tilde s i * v_tilde r i.
Hypothesis h_neurons_are_kept : forall i k : nat, (1 <= i <= H)%N -> (1 <= k <= K)%N -> w_tilde i k = w i k.
Hypothesis h_the_last_neuron_is_doubled : forall k : nat, (1 <= k <= K)%N -> w_tilde (H + 1)%N k = w H k.
Hypothesis h_outgoing_weights_are_kept : forall r i : nat, (1 <= r <= N)%N -> (1 <= i <= H - 1)%N -> v_tilde r i =
  v r i.
Hypothesis h_the_first_takes_the_part_lambda : forall r : nat, (1 <= r <= N)%N -> v_tilde r H = lambda * v r H.
Hypothesis h_the_second_takes_the_rest : forall r : nat, (1 <= r <= N)%N -> v_tilde r (H + 1)%N =
  (1 - lambda) * v r H.
Hypothesis h_Hessian_incoming_weights : forall i k : nat, (1 <= i <= H)%N -> (1 <= k <= K)%N -> grad_vC_w i k =
  \sum_(1 <= s < B.+1) grad_vC_z s i * x s k.
Hypothesis h_Hessian_incoming_weights_one_neuron_more : forall i k : nat, (1 <= i <= H + 1)%N ->
  (1 <= k <= K)%N -> grad_vC_w_tilde i k = \sum_(1 <= s < B.+1) grad_vC_z_tilde s i * x s k.
Hypothesis h_Hessian_outgoing_weights : forall r i : nat, (1 <= r <= N)%N -> (1 <= i <= H)%N -> grad_vC_v r i =
  (\sum_(1 <= s < B.+1) a s i * grad_vC_o s r) + (\sum_(1 <= s < B.+1) bar_o s r * grad_vC_bar_a s i).
Hypothesis h_Hessian_outgoing_weights_one_neuron_more : forall r i : nat, (1 <= r <= N)%N ->
  (1 <= i <= H + 1)%N -> grad_vC_v_tilde r i =
  (\sum_(1 <= s < B.+1) a_tilde s i * grad_vC_o_tilde s r)
  + (\sum_(1 <= s < B.+1) bar_o_tilde s r * grad_vC_bar_a_tilde s i).
Hypothesis h_activation_moved : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N -> grad_vC_bar_a s i =
  (dsigma (z s i)) * grad_vC_bar_z s i.
Hypothesis h_activation_moved_one_neuron_more : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H + 1)%N ->
  grad_vC_bar_a_tilde s i = (dsigma (z_tilde s i)) * grad_vC_bar_z_tilde s i.
Hypothesis h_delta_moved : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N -> grad_vC_z s i =
  (dsigma (z s i)) * grad_vC_a s i + (d2sigma (z s i)) * bar_a s i * grad_vC_bar_z s i.
Hypothesis h_delta_moved_one_neuron_more : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H + 1)%N ->
  grad_vC_z_tilde s i =
  (dsigma (z_tilde s i)) * grad_vC_a_tilde s i + (d2sigma (z_tilde s i)) * bar_a_tilde s i * grad_vC_bar_z_tilde s i.
Hypothesis h_derivative_by_an_activation : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N -> bar_a s i =
  \sum_(1 <= r < N.+1) bar_o s r * v r i.
Hypothesis h_derivative_by_an_activation_moved : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N ->
  grad_vC_a s i = (\sum_(1 <= r < N.+1) bar_o s r * v_v r i) + (\sum_(1 <= r < N.+1) grad_vC_o s r * v r i).
Hypothesis h_derivative_by_an_activation_moved_one_neuron_more : forall s i : nat, (1 <= s <= B)%N ->
  (1 <= i <= H + 1)%N -> grad_vC_a_tilde s i =
  (\sum_(1 <= r < N.+1) bar_o_tilde s r * v_v_tilde r i) + (\sum_(1 <= r < N.+1) grad_vC_o_tilde s r * v_tilde r i).
Hypothesis h_derivative_by_an_activation_one_neuron_more : forall s i : nat, (1 <= s <= B)%N ->
  (1 <= i <= H + 1)%N -> bar_a_tilde s i = \sum_(1 <= r < N.+1) bar_o_tilde s r * v_tilde r i.
Hypothesis h_derivative_by_an_output : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N -> bar_o s r =
  cost_1 r [seq o s i | i <- index_iota 1%N N.+1] [seq y s i | i <- index_iota 1%N N.+1].
Hypothesis h_derivative_by_an_output_moved : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N ->
  grad_vC_o s r =
  \sum_(1 <= i < N.+1) grad_vC_bar_o s i * (cost_1_1 i r [seq o s j | j <- index_iota 1%N N.+1]
  [seq y s j | j <- index_iota 1%N N.+1]).
Hypothesis h_derivative_by_an_output_moved_one_neuron_more : forall s r : nat, (1 <= s <= B)%N ->
  (1 <= r <= N)%N -> grad_vC_o_tilde s r =
  \sum_(1 <= i < N.+1) grad_vC_bar_o_tilde s i * (cost_1_1 i r [seq o_tilde s j | j <- index_iota 1%N N.+1]
  [seq y s j | j <- index_iota 1%N N.+1]).
Hypothesis h_derivative_by_an_output_one_neuron_more : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N ->
  bar_o_tilde s r = cost_1 r [seq o_tilde s i | i <- index_iota 1%N N.+1] [seq y s i | i <- index_iota 1%N N.+1].
Hypothesis h_output_moved : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N -> grad_vC_bar_o s r =
  (\sum_(1 <= i < H.+1) a s i * v_v r i) + (\sum_(1 <= i < H.+1) grad_vC_bar_a s i * v r i).
Hypothesis h_output_moved_one_neuron_more : forall s r : nat, (1 <= s <= B)%N -> (1 <= r <= N)%N ->
  grad_vC_bar_o_tilde s r =
  (\sum_(1 <= i < (H + 1)%N.+1) a_tilde s i * v_v_tilde r i)
  + (\sum_(1 <= i < (H + 1)%N.+1) grad_vC_bar_a_tilde s i * v_tilde r i).
Hypothesis h_weighted_input_moved : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H)%N -> grad_vC_bar_z s i =
  \sum_(1 <= k < K.+1) v_w i k * x s k.
Hypothesis h_weighted_input_moved_one_neuron_more : forall s i : nat, (1 <= s <= B)%N -> (1 <= i <= H + 1)%N ->
  grad_vC_bar_z_tilde s i = \sum_(1 <= k < K.+1) v_w_tilde i k * x s k.
Hypothesis h_neurons_move_alike : forall i k : nat, (1 <= i <= H - 1)%N -> (1 <= k <= K)%N -> v_w_tilde i k = v_w i k.
Hypothesis h_outgoing_weights_move_alike : forall r i : nat, (1 <= r <= N)%N -> (1 <= i <= H - 1)%N ->
  v_v_tilde r i = v_v r i.
Hypothesis h_the_first_of_the_two_moves_by_1_lambda : forall k : nat, (1 <= k <= K)%N -> v_w_tilde H k =
  (1 - lambda) * xi k + v_w H k.
Hypothesis h_the_first_outgoing_weight : forall r : nat, (1 <= r <= N)%N -> v_v_tilde r H = lambda * v_v r H + nu r.
Hypothesis h_the_second_moves_back_by_lambda : forall k : nat, (1 <= k <= K)%N -> v_w_tilde (H + 1)%N k =
  - (lambda * xi k) + v_w H k.
Hypothesis h_the_second_outgoing_weight : forall r : nat, (1 <= r <= N)%N -> v_v_tilde r (H + 1)%N =
  (1 - lambda) * v_v r H - nu r.
Let last_one : (1 <= H <= H)%N. Proof. by rewrite H_positive leqnn. Qed.
Let last_two : (1 <= H + 1 <= H + 1)%N. Proof. by lia. Qed.
Let kept i : (1 <= i <= H)%N -> (1 <= i <= H + 1)%N. Proof. by lia. Qed.
Let alike i : (1 <= i <= H - 1)%N -> (1 <= i <= H)%N. Proof. by lia. Qed.

(* at the point: T14.v *)
Let z_kept s i : (1 <= s <= B)%N -> (1 <= i <= H)%N -> z_tilde s i = z s i.
Proof. by_library same_inputs. Qed.
Let z_second s : (1 <= s <= B)%N -> z_tilde s (H + 1)%N = z s H.
Proof. by_library second_input. Qed.
Let a_kept s i : (1 <= s <= B)%N -> (1 <= i <= H)%N -> a_tilde s i = a s i.
Proof. by_library same_activations. Qed.
Let a_second s : (1 <= s <= B)%N -> a_tilde s (H + 1)%N = a s H.
Proof. by_library second_activation. Qed.
Let o_kept s r : (1 <= s <= B)%N -> (1 <= r <= N)%N -> o_tilde s r = o s r.
Proof. by_library T14_outputs. Qed.
Let e_kept s r : (1 <= s <= B)%N -> (1 <= r <= N)%N -> bar_o_tilde s r = bar_o s r.
Proof. by_library same_errors. Qed.
Let slope_kept s i : (1 <= s <= B)%N -> (1 <= i <= H - 1)%N -> bar_a_tilde s i = bar_a s i.
Proof. by_library same_slopes. Qed.
Let slope_first s : (1 <= s <= B)%N -> bar_a_tilde s H = lambda * bar_a s H.
Proof. by_library first_slope. Qed.
Let slope_second s : (1 <= s <= B)%N -> bar_a_tilde s (H + 1)%N = (1 - lambda) * bar_a s H.
Proof. by_library second_slope. Qed.

(* along the direction *)
Let dz_kept s i : (1 <= s <= B)%N -> (1 <= i <= H - 1)%N -> grad_vC_bar_z_tilde s i = grad_vC_bar_z s i.
Proof.
move=> sB iH; rewrite h_weighted_input_moved_one_neuron_more //; last exact/kept/alike.
rewrite h_weighted_input_moved //; last exact: alike.
by apply: eq_sum => k kK; rewrite h_neurons_move_alike.
Qed.
Let dz_first s : (1 <= s <= B)%N -> grad_vC_bar_z_tilde s H = (1 - lambda) * t s + grad_vC_bar_z s H.
Proof.
move=> sB; rewrite h_weighted_input_moved_one_neuron_more //; last exact: kept.
rewrite h_weighted_input_moved // h_form_of_a_sample // mulr_sumr -big_split /=.
by apply: eq_sum => k kK; rewrite h_the_first_of_the_two_moves_by_1_lambda //; ring.
Qed.
Let dz_second s : (1 <= s <= B)%N -> grad_vC_bar_z_tilde s (H + 1)%N = - lambda * t s + grad_vC_bar_z s H.
Proof.
move=> sB; rewrite h_weighted_input_moved_one_neuron_more // h_weighted_input_moved // h_form_of_a_sample //.
rewrite mulr_sumr -big_split /=.
by apply: eq_sum => k kK; rewrite h_the_second_moves_back_by_lambda //; ring.
Qed.
Let da_kept s i : (1 <= s <= B)%N -> (1 <= i <= H - 1)%N -> grad_vC_bar_a_tilde s i = grad_vC_bar_a s i.
Proof.
move=> sB iH; have iH' := alike iH; have iH1 := kept iH'.
by rewrite h_activation_moved_one_neuron_more // h_activation_moved // z_kept // dz_kept.
Qed.
Let da_first s : (1 <= s <= B)%N ->
  grad_vC_bar_a_tilde s H = dsigma (z s H) * ((1 - lambda) * t s) + grad_vC_bar_a s H.
Proof.
move=> sB; have H1 := kept last_one; rewrite h_activation_moved_one_neuron_more // h_activation_moved // z_kept //.
by rewrite dz_first // mulrDr.
Qed.
Let da_second s : (1 <= s <= B)%N ->
  grad_vC_bar_a_tilde s (H + 1)%N = dsigma (z s H) * (- lambda * t s) + grad_vC_bar_a s H.
Proof.
move=> sB; rewrite h_activation_moved_one_neuron_more // h_activation_moved // z_second //.
by rewrite dz_second // mulrDr.
Qed.

(* the outputs move alike, and so do the errors *)
Lemma outputs_move_alike s r : (1 <= s <= B)%N -> (1 <= r <= N)%N -> grad_vC_bar_o_tilde s r = grad_vC_bar_o s r.
Proof.
move=> sB rN; rewrite h_output_moved_one_neuron_more // h_output_moved // !sum_last_two //.
rewrite [X in _ = X + _]sum_last // [X in _ = _ + X]sum_last //.
rewrite a_kept // a_second // da_first // da_second // h_the_first_outgoing_weight // h_the_second_outgoing_weight //.
rewrite h_the_first_takes_the_part_lambda // h_the_second_takes_the_rest //.
rewrite (@eq_sum _ (H - 1) _ (fun i => a s i * v_v r i)); last first.
  by move=> i iH; rewrite a_kept ?h_outgoing_weights_move_alike //; exact: alike.
rewrite (@eq_sum _ (H - 1) (fun i => grad_vC_bar_a_tilde s i * _) (fun i => grad_vC_bar_a s i * v r i)); last first.
  by move=> i iH; rewrite da_kept // h_outgoing_weights_are_kept.
by move: (\sum_(1 <= i < _) _) (\sum_(1 <= i < _) _) => one two; ring.
Qed.

Lemma errors_move_alike s r : (1 <= s <= B)%N -> (1 <= r <= N)%N -> grad_vC_o_tilde s r = grad_vC_o s r.
Proof.
move=> sB rN; rewrite h_derivative_by_an_output_moved_one_neuron_more // h_derivative_by_an_output_moved //.
apply: eq_sum => i iN; rewrite outputs_move_alike //; congr (_ * cost_1_1 i r _ _).
by apply: eq_values => j jN; exact: o_kept.
Qed.

(* the two blocks *)
Lemma block_A : \sum_(1 <= k < K.+1) (\sum_(1 <= m < K.+1) xi k * xi m * A k m)
  = \sum_(1 <= s < B.+1) d2sigma (z s H) * bar_a s H * (t s ^+ 2).
Proof.
transitivity (\sum_(1 <= k < K.+1) (\sum_(1 <= m < K.+1) (\sum_(1 <= s < B.+1)
  d2sigma (z s H) * bar_a s H * (xi k * x s k * (xi m * x s m))))).
  apply: eq_sum => k kK; apply: eq_sum => m mK; rewrite h_A // mulr_sumr.
  by apply: eq_sum => s sB; ring.
rewrite samples_out; apply: eq_sum => s sB; rewrite h_form_of_a_sample // expr2 big_distrlr /= mulr_sumr.
by apply: eq_sum => k kK; rewrite mulr_sumr.
Qed.

Lemma block_Q : \sum_(1 <= k < K.+1) (\sum_(1 <= r < N.+1) nu r * xi k * Q k r)
  = \sum_(1 <= s < B.+1) (\sum_(1 <= r < N.+1) bar_o s r * (dsigma (z s H) * t s) * nu r).
Proof.
transitivity (\sum_(1 <= r < N.+1) (\sum_(1 <= k < K.+1) (\sum_(1 <= s < B.+1)
  bar_o s r * dsigma (z s H) * nu r * (xi k * x s k)))).
  rewrite exchange_big; apply: eq_sum => r rN; apply: eq_sum => k kK; rewrite h_Q // mulr_sumr.
  by apply: eq_sum => s sB; ring.
rewrite samples_out; apply: eq_sum => s sB; apply: eq_sum => r rN; rewrite h_form_of_a_sample //.
by rewrite -mulr_sumr; move: (\sum_(1 <= k < _) _) => sum; ring.
Qed.

Let bends s : (1 <= s <= B)%N ->
  \sum_(1 <= i < (H + 1)%N.+1) (d2sigma (z_tilde s i)) * bar_a_tilde s i * (grad_vC_bar_z_tilde s i ^+ 2)
  = \sum_(1 <= i < H.+1) (d2sigma (z s i)) * bar_a s i * (grad_vC_bar_z s i ^+ 2)
    + (1 - lambda) * lambda * (d2sigma (z s H) * bar_a s H * (t s ^+ 2)).
Proof.
move=> sB; rewrite sum_last_two // [in RHS]sum_last // z_kept // z_second // slope_first // slope_second //.
rewrite dz_first // dz_second //.
rewrite (@eq_sum _ (H - 1) _ (fun i => d2sigma (z s i) * bar_a s i * (grad_vC_bar_z s i ^+ 2))); last first.
  by move=> i iH; rewrite slope_kept // dz_kept // z_kept //; exact: alike.
by move: (\sum_(1 <= i < _) _) => one; ring.
Qed.

Let crosses s r : (1 <= s <= B)%N -> (1 <= r <= N)%N ->
  \sum_(1 <= i < (H + 1)%N.+1) bar_o_tilde s r * grad_vC_bar_a_tilde s i * v_v_tilde r i
  = \sum_(1 <= i < H.+1) bar_o s r * grad_vC_bar_a s i * v_v r i + bar_o s r * (dsigma (z s H) * t s) * nu r.
Proof.
move=> sB rN; rewrite sum_last_two // [in RHS]sum_last // e_kept // da_first // da_second //.
rewrite h_the_first_outgoing_weight // h_the_second_outgoing_weight //.
rewrite (@eq_sum _ (H - 1) _ (fun i => bar_o s r * grad_vC_bar_a s i * v_v r i)); last first.
  by move=> i iH; rewrite da_kept // h_outgoing_weights_move_alike.
by move: (\sum_(1 <= i < _) _) => one; ring.
Qed.

Theorem T14_block_form : q_tilde =
  (1 - lambda) * lambda * (\sum_(1 <= k < K.+1) (\sum_(1 <= m < K.+1) xi k * xi m * A k m)) + q
  + 2%:R * (\sum_(1 <= k < K.+1) (\sum_(1 <= r < N.+1) nu r * xi k * Q k r)).
Proof.
rewrite (T14_second_derivative h_Hessian_incoming_weights_one_neuron_more
  h_Hessian_outgoing_weights_one_neuron_more h_activation_moved_one_neuron_more h_delta_moved_one_neuron_more
  h_derivative_by_an_activation_moved_one_neuron_more h_output_moved_one_neuron_more
  h_second_derivative_along_the_direction_one_neuron_more h_weighted_input_moved_one_neuron_more).
rewrite (T14_second_derivative h_Hessian_incoming_weights h_Hessian_outgoing_weights h_activation_moved
  h_delta_moved h_derivative_by_an_activation_moved h_output_moved h_second_derivative_along_the_direction
  h_weighted_input_moved).
rewrite block_A block_Q.
have -> : \sum_(1 <= s < B.+1) (\sum_(1 <= r < N.+1) grad_vC_bar_o_tilde s r * grad_vC_o_tilde s r)
    = \sum_(1 <= s < B.+1) (\sum_(1 <= r < N.+1) grad_vC_bar_o s r * grad_vC_o s r).
  by apply: eq_sum => s sB; apply: eq_sum => r rN; rewrite outputs_move_alike // errors_move_alike.
rewrite (eq_sum bends) big_split /= -mulr_sumr.
have -> : \sum_(1 <= s < B.+1) (\sum_(1 <= r < N.+1) (\sum_(1 <= i < (H + 1)%N.+1)
      bar_o_tilde s r * grad_vC_bar_a_tilde s i * v_v_tilde r i))
    = \sum_(1 <= s < B.+1) (\sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) bar_o s r * grad_vC_bar_a s i * v_v r i))
    + \sum_(1 <= s < B.+1) (\sum_(1 <= r < N.+1) bar_o s r * (dsigma (z s H) * t s) * nu r).
  rewrite -big_split; apply: eq_sum => s sB; rewrite -big_split; apply: eq_sum => r rN; exact: crosses.
move: (\sum_(1 <= s < _) _) (\sum_(1 <= s < _) _) (\sum_(1 <= s < _) _) => one two three.
by move: (\sum_(1 <= s < _) _) (\sum_(1 <= s < _) _) => four five; ring.
Qed.

(* ---------------------------------------------- at a critical point ---------------------------------------------- *)
Theorem T14_the_block_Q k : (1 <= k <= K)%N -> \sum_(1 <= r < N.+1) Q k r * v r H = grad_w H k.
Proof.
move=> kK; rewrite h_gradient_of_the_incoming_weights //.
transitivity (\sum_(1 <= r < N.+1) (\sum_(1 <= s < B.+1) bar_o s r * v r H * (dsigma (z s H) * x s k))).
  by apply: eq_sum => r rN; rewrite h_Q // mulr_suml; apply: eq_sum => s sB; ring.
rewrite exchange_big; apply: eq_sum => s sB; rewrite -mulr_suml h_delta // h_derivative_by_an_activation //.
by move: (\sum_(1 <= r < _) _) => sum; ring.
Qed.

Theorem T14_at_a_critical_point : q_tilde =
  (1 - lambda) * lambda * (\sum_(1 <= k < K.+1) (\sum_(1 <= m < K.+1) xi k * xi m * A k m)) + q.
Proof.
rewrite T14_block_form; have -> : \sum_(1 <= k < K.+1) (\sum_(1 <= r < N.+1) nu r * xi k * Q k r) = 0.
  rewrite big_nat big1 // => k; rewrite ltnS => kK.
  transitivity (c * xi k * (\sum_(1 <= r < N.+1) Q k r * v r H)); last first.
    by rewrite T14_the_block_Q // h_critical_incoming_weights // mulr0.
  rewrite mulr_sumr; apply: eq_sum => r rN; rewrite h_outgoing_weights_part_along_the_line //; ring.
by rewrite mulr0 addr0.
Qed.

Section Apart.
Hypothesis h_the_incoming_weights_do_not_move : forall i k : nat, (1 <= i <= H)%N -> (1 <= k <= K)%N -> v_w i k = 0.
Hypothesis h_the_outgoing_weights_do_not_move : forall r i : nat, (1 <= r <= N)%N -> (1 <= i <= H)%N -> v_v r i = 0.

Theorem T14_the_two_neurons_apart : q_tilde =
  (1 - lambda) * lambda * (\sum_(1 <= k < K.+1) (\sum_(1 <= m < K.+1) xi k * xi m * A k m)).
Proof.
rewrite T14_at_a_critical_point; have -> : q = 0; last by rewrite addr0.
rewrite h_second_derivative_along_the_direction [X in X + _]big_nat [X in _ + X]big_nat !big1 ?addr0 //.
  by move=> i; rewrite ltnS => iH; rewrite big_nat big1 // => k; rewrite ltnS => kK;
    rewrite h_the_incoming_weights_do_not_move // mulr0.
by move=> r; rewrite ltnS => rN; rewrite big_nat big1 // => i; rewrite ltnS => iH;
  rewrite h_the_outgoing_weights_do_not_move // mulr0.
Qed.

Theorem T14_saddle :
  \sum_(1 <= k < K.+1) (\sum_(1 <= m < K.+1) xi k * xi m * A k m) = alpha ^+ 2 ->
  (1 - lambda) * lambda = - (e ^+ 2) -> q_tilde = - ((alpha ^+ 2) * (e ^+ 2)).
Proof. by move=> bend outer; rewrite T14_the_two_neurons_apart bend outer mulNr mulrC. Qed.
End Apart.

Theorem T14_valley :
  \sum_(1 <= k < K.+1) (\sum_(1 <= m < K.+1) xi k * xi m * A k m) = alpha ^+ 2 ->
  (1 - lambda) * lambda = e ^+ 2 -> q = rho ^+ 2 -> q_tilde = (alpha ^+ 2) * (e ^+ 2) + (rho ^+ 2).
Proof. by move=> bend inner below; rewrite T14_at_a_critical_point bend inner below mulrC. Qed.

(* ------------------------------------------ what is flat there ------------------------------------------ *)
Let flat : [/\ \sum_(1 <= k < K.+1) (xi k ^+ 2) = 0,
  \sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) (v_v r i ^+ 2)) = 0 &
  \sum_(1 <= i < H.+1) (\sum_(1 <= k < K.+1) (v_w i k ^+ 2)) = 0].
Proof.
have := h_the_second_derivative_is_0; rewrite T14_at_a_critical_point.
rewrite h_A_is_positive_definite h_lambda_lies_strictly_between_0_and_1 h_the_smaller_Hessian_is_positive_definite.
have ahead : 0 <= \sum_(1 <= k < K.+1) (xi k ^+ 2) by apply: sumr_ge0 => k _; exact: sqr_ge0.
have out : 0 <= \sum_(1 <= r < N.+1) (\sum_(1 <= i < H.+1) (v_v r i ^+ 2)).
  by apply: sumr_ge0 => r _; apply: sumr_ge0 => i _; exact: sqr_ge0.
have into : 0 <= \sum_(1 <= i < H.+1) (\sum_(1 <= k < K.+1) (v_w i k ^+ 2)).
  by apply: sumr_ge0 => i _; apply: sumr_ge0 => k _; exact: sqr_ge0.
exact: nothing_left.
Qed.

Theorem T14_flat_directions k : (1 <= k <= K)%N -> xi k = 0.
Proof. by case: flat => ahead _ _ kK; exact: (sum_squares_0 ahead) kK. Qed.

Theorem T14_flat_directions_incoming_weights i k : (1 <= i <= H)%N -> (1 <= k <= K)%N -> v_w i k = 0.
Proof. by case: flat => _ _ into iH kK; exact: double_squares_0 into iH kK. Qed.

Theorem T14_flat_directions_outgoing_weights r i : (1 <= r <= N)%N -> (1 <= i <= H)%N -> v_v r i = 0.
Proof. by case: flat => _ out _ rN iH; exact: double_squares_0 out rN iH. Qed.
End Blocks.
