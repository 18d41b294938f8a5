(* T9: distinct neurons never merge in finite time.

   gd_inj            id - eta grad is injective where grad is K-Lipschitz and eta K < 1
   never_merge       an injective step that commutes with a symmetry P reaches the fixed points of P only
                     from them
   never_merge_mlp   along gradient descent on mini-batches of the network, with any step sizes; the Lipschitz
                     bound is assumed along the two trajectories that are compared *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import Network Training.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

(* ---------- abstract form: any module with a seminorm-like N ---------- *)
Section Abstract.
Variables (R : realDomainType) (V : lmodType R) (N : V -> R).
Hypothesis N_scale : forall a v, N (a *: v) = `|a| * N v.
Hypothesis N0_eq : forall v, N v = 0 -> v = 0.
Hypothesis N_ge0 : forall v, 0 <= N v.
Variable (S : V -> Prop).                    (* region containing the trajectories *)

Lemma gd_inj (G : V -> V) (eta K : R) : 0 <= eta -> eta * K < 1 ->
  (forall x y, S x -> S y -> N (G x - G y) <= K * N (x - y)) ->
  forall x y, S x -> S y -> x - eta *: G x = y - eta *: G y -> x = y.
Proof.
move=> eta0 eK Lip x y Sx Sy E; apply/eqP; rewrite -subr_eq0; apply/eqP/N0_eq.
have Exy : x - y = eta *: (G x - G y).
  rewrite {1}(canRL (subrK _) E) scalerBr.
  by rewrite addrAC [y - _ - y]addrAC subrr sub0r addrC.
apply/eqP; rewrite eq_le N_ge0 andbT leNgt; apply/negP => Npos.
have : N (x - y) <= eta * K * N (x - y).
  by rewrite {1}Exy N_scale ger0_norm // -mulrA ler_wpmul2l // Lip.
by rewrite -{1}[N _]mul1r ler_pmul2r // leNgt eK.
Qed.

(* time-dependent maps: full batch, mini-batch, schedules ... *)
Variable (F : nat -> V -> V).
Fixpoint iter_t (x : V) t := if t is t'.+1 then F t' (iter_t x t') else x.
Hypothesis F_S : forall t x, S x -> S (F t x).
Hypothesis F_inj : forall t x y, S x -> S y -> F t x = F t y -> x = y.
Lemma iter_S x t : S x -> S (iter_t x t).
Proof. by move=> Sx; elim: t => //= t; exact: F_S. Qed.
Theorem iter_inj x y t : S x -> S y -> iter_t x t = iter_t y t -> x = y.
Proof.
by move=> Sx Sy; elim: t => //= t IH /F_inj E; apply/IH/E; exact: iter_S.
Qed.
(* P = swapping two neurons; F equivariant; tied at t <-> tied at 0 *)
Variable (P : V -> V).
Hypothesis P_S : forall x, S x -> S (P x).
Hypothesis F_P : forall t x, F t (P x) = P (F t x).
Lemma iter_P x t : iter_t (P x) t = P (iter_t x t).
Proof. by elim: t => //= t ->. Qed.
Theorem never_merge x t : S x -> P (iter_t x t) = iter_t x t <-> P x = x.
Proof.
move=> Sx; rewrite -iter_P; split=> [|-> //]; apply: iter_inj => //; exact: P_S.
Qed.
End Abstract.

(* ---------- concrete form: the MLP of Mlp.v, l1 distance of parameters ---------- *)
Section Concrete.
Variable R : realDomainType.
Variables (L : nat) (n : nat -> nat) (sigma dsigma : nat -> R -> R).
Definition dist (x y : param R) : R :=
  \sum_(l < L) \sum_(k < n l.+1)
    (\sum_(j < n l) `|W x l.+1 k j - W y l.+1 k j| + `|B x l.+1 k - B y l.+1 k|).
Definition same (x y : param R) := rel L n (fun _ => id) x y.

Lemma dist_ge0 x y : 0 <= dist x y.
Proof. by do 2 (apply: sumr_ge0 => ? _); rewrite addr_ge0 ?sumr_ge0. Qed.

Lemma sum0 m (F : 'I_m -> R) : (forall i, 0 <= F i) -> \sum_(i < m) F i = 0 -> forall i, F i = 0.
Proof. by move=> F0 /eqP; rewrite psumr_eq0 // => /allP H i; apply/eqP/H; rewrite mem_index_enum. Qed.

Lemma dist0 x y : dist x y = 0 -> same x y.
Proof.
move=> H l k lL kn.
have I : \sum_(j < n l) `|W x l.+1 k j - W y l.+1 k j| + `|B x l.+1 k - B y l.+1 k| = 0.
  pose F1 (l : 'I_L) := \sum_(k < n l.+1)
    (\sum_(j < n l) `|W x l.+1 k j - W y l.+1 k j| + `|B x l.+1 k - B y l.+1 k|).
  have g0 l' k' : 0 <= \sum_(j < n l') `|W x l'.+1 k' j - W y l'.+1 k' j| + `|B x l'.+1 k' - B y l'.+1 k'|.
    by rewrite addr_ge0 ?sumr_ge0.
  have F10 (l' : 'I_L) : 0 <= F1 l' by apply: sumr_ge0 => k' _; exact: g0.
  have := sum0 F10 H (Ordinal lL).
  by move/(sum0 (fun k => g0 l k)) => /(_ (Ordinal kn)).
move/eqP: I; rewrite paddr_eq0 ?sumr_ge0 // => /andP[/eqP I1 /eqP I2]; split=> [j jn|].
  have /eqP := sum0 (fun=> normr_ge0 _) I1 (Ordinal jn).
  by rewrite normr_eq0 subr_eq0 => /eqP ->.
by move/eqP: I2; rewrite normr_eq0 subr_eq0 => /eqP ->.
Qed.

Definition gdmap (eta : R) (G : param R -> param R) (x : param R) : param R :=
  Param (fun l k j => W x l k j - eta * W (G x) l k j) (fun l k => B x l k - eta * B (G x) l k).

Lemma gdmap_inj2 G eta K x y : 0 <= eta -> eta * K < 1 ->
  dist (G x) (G y) <= K * dist x y -> same (gdmap eta G x) (gdmap eta G y) -> same x y.
Proof.
move=> eta0 eK Lip E; apply: dist0.
have key (a b c d : R) : b - eta * d = a - eta * c -> `|a - b| = eta * `|c - d|.
  move=> H; rewrite -{1}(ger0_norm eta0) -normrM mulrBr; congr `|_|.
  rewrite {1}(canRL (subrK _) (esym H)).
  by rewrite addrAC [b - _ - b]addrAC subrr sub0r addrC.
have Exy : dist x y = eta * dist (G x) (G y).
  rewrite /dist mulr_sumr; apply: eq_bigr => l _; rewrite mulr_sumr; apply: eq_bigr => k _.
  have [EW EB] := E l k (ltn_ord l) (ltn_ord k).
  rewrite mulrDr mulr_sumr; congr (_ + _); last exact: key EB.
  by apply: eq_bigr => j _; apply: key; exact: EW.
apply/eqP; rewrite eq_le dist_ge0 andbT leNgt; apply/negP => Npos.
have : dist x y <= eta * K * dist x y by rewrite {1}Exy -mulrA ler_wpmul2l.
by rewrite -{1}[dist _ _]mul1r ler_pmul2r // leNgt eK.
Qed.
Lemma gdmap_inj (S : param R -> Prop) G eta K : 0 <= eta -> eta * K < 1 ->
  (forall x y, S x -> S y -> dist (G x) (G y) <= K * dist x y) ->
  forall x y, S x -> S y -> same (gdmap eta G x) (gdmap eta G y) -> same x y.
Proof. move=> e0 eK Lip x y Sx Sy; exact: gdmap_inj2 e0 eK (Lip _ _ Sx Sy). Qed.


(* ---- concrete multi-step: neurons tied at some step t were tied at step 0 ---- *)
Section NeverMerge.
Variables (batch : nat -> seq (sample R)) (eta : nat -> R) (K : nat -> R).
Variables (h i j : nat) (hL : (0 < h < L)%N) (Hi : (i < n h)%N) (Hj : (j < n h)%N).
Let p := swap h i j.
Let F t := gdmap (eta t) (bgrad L n sigma dsigma (batch t)).
Fixpoint traj (x : param R) t := if t is t'.+1 then F t' (traj x t') else x.
Definition permute (x : param R) : param R :=
  Param (fun l k m => W x l (p l k) (p l.-1 m)) (fun l k => B x l (p l k)).
Hypothesis eta0 : forall t, 0 <= eta t.
Hypothesis etaK : forall t, eta t * K t < 1.
Variable x : param R.
(* Lipschitz only needed along the two trajectories actually compared *)
Hypothesis Lip : forall t,
  dist (bgrad L n sigma dsigma (batch t) (traj x t)) (bgrad L n sigma dsigma (batch t) (traj (permute x) t))
  <= K t * dist (traj x t) (traj (permute x) t).

Lemma traj_rel t : rel L n p (traj x t) (traj (permute x) t).
Proof.
have Hp := swap_hidden hL Hi Hj.
elim: t => [|t IH] /=; first by move=> l k _ _; split.
move=> l k lL kn; have [a b] := IH l k lL kn.
have [c d] := bgrad_equiv sigma dsigma (batch t) Hp IH lL kn.
by split=> [m mn|] /=; rewrite ?a ?b //; [rewrite [X in _ * X]c|rewrite [X in _ * X]d].
Qed.

Lemma same_back t : same (traj x t) (traj (permute x) t) -> same x (permute x).
Proof.
elim: t => //= t IH E; apply: IH.
exact: (gdmap_inj2 (eta0 t) (etaK t) (Lip t) E).
Qed.

Theorem never_merge_mlp t : tied n h i j (traj x t) <-> tied n h i j x.
Proof.
rewrite !(tied_rel hL Hi Hj); split=> H.
  have E : same (traj x t) (traj (permute x) t).
    move=> l k lL kn; have [a b] := traj_rel t lL kn; have [c d] := H l k lL kn.
    by split=> [m mn|]; rewrite ?a ?b // -?c -?d.
  move=> l k lL kn; have [a b] := same_back E lL kn.
  by split=> [m mn|]; rewrite -?a -?b.
elim: t => //= t IH l k lL kn; have [a b] := IH l k lL kn.
have [c d] := bgrad_equiv sigma dsigma (batch t) (swap_hidden hL Hi Hj) IH lL kn.
by split=> [m mn|] /=; [rewrite {1}a // {1}[X in _ * X]c|rewrite {1}b {1}[X in _ * X]d].
Qed.
End NeverMerge.
End Concrete.
