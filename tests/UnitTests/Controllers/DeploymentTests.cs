using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

public class PodTemplateHashTests
{
    [Fact]
    public void The_hash_does_not_depend_on_the_order_of_labels_or_on_its_own_label()
    {
        Assert.Equal(PodTemplateHash.Of(Template("nginx", "a=1", "b=2"), null), PodTemplateHash.Of(Template("nginx", "b=2", "a=1"), null));
        Assert.Equal(PodTemplateHash.Of(Template("nginx", "a=1"), null), PodTemplateHash.Of(Template("nginx", "a=1", "pod-template-hash=x"), null));
        Assert.True(PodTemplateHash.SameTemplate(Template("nginx", "a=1"), Template("nginx", "a=1", "pod-template-hash=x")));
    }

    [Fact]
    public void Another_template_or_another_collision_gives_another_hash()
    {
        var hashes = new[] { PodTemplateHash.Of(Template("nginx"), null), PodTemplateHash.Of(Template("nginx:2"), null), PodTemplateHash.Of(Template("nginx"), 1), PodTemplateHash.Of(Template("nginx", "a=b"), null) };
        Assert.Equal(4, hashes.Distinct().Count());
        Assert.All(hashes, hash => Assert.Matches("^[bcdfghjklmnpqrstvwxz2456789]{1,10}$", hash));
        Assert.False(PodTemplateHash.SameTemplate(Template("nginx"), Template("nginx:2")));
    }
}

public class DeploymentSizeTests
{
    [Theory]
    [InlineData(2, null, null, 1, 0)]
    [InlineData(10, null, null, 3, 2)]
    [InlineData(1, null, null, 1, 0)]
    [InlineData(0, null, null, 0, 0)]
    [InlineData(4, "0", "0", 0, 1)]
    [InlineData(4, "0%", "100%", 0, 4)]
    [InlineData(2, "1", "5", 1, 2)]
    public void Surge_rounds_up_and_unavailability_down(int replicas, string? surge, string? unavailable, int maxSurge, int maxUnavailable)
    {
        static IntOrString? Value(string? text) => text is null ? default(IntOrString?) : int.TryParse(text, out var number) ? (IntOrString)number : (IntOrString)text;
        var rolling = new RollingUpdateDeployment { MaxSurge = Value(surge), MaxUnavailable = Value(unavailable) };
        Assert.Equal(new DeploymentSize(replicas, maxSurge, maxUnavailable), DeploymentSize.Of(Rollout.Deployment(replicas) with { Spec = Rollout.Deployment(replicas).Spec! with { Strategy = new DeploymentStrategy { RollingUpdate = rolling } } }));
    }
}

/// <summary>Plays a Deployment against imagined ReplicaSets whose pods become available at random.</summary>
internal sealed class Rollout(Deployment deployment, int seed)
{
    private readonly Random random = new(seed);
    private readonly Dictionary<string, ReplicaSet> sets = [];
    private int created;

    public Deployment Deployment_ { get; set; } = deployment;

    public IReadOnlyCollection<ReplicaSet> Sets => sets.Values;

    public static Deployment Deployment(int replicas, string image = "nginx", string? strategy = null) => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "default", Uid = "d", Generation = 1 },
        Spec = new DeploymentSpec { Replicas = replicas, Selector = new LabelSelector { MatchLabels = Labels("app=nginx") }, Template = Template(image), Strategy = strategy is null ? null : new DeploymentStrategy { Type = strategy } },
    };

    public DeploymentSets State => DeploymentSets.Of(Deployment_, sets.Values);

    /// <summary>One round of the controller; false if nothing was to be done.</summary>
    public bool Step()
    {
        var state = State;
        if (DeploymentRollout.IsScaling(Deployment_, state)) return Apply(DeploymentRollout.Scale(Deployment_, state));
        if (state.New is null)
        {
            var set = state.Make(Deployment_, DeploymentRollout.NewSize(Deployment_, state));
            sets[set.Name] = set with { Metadata = set.Metadata with { Uid = set.Name, CreationTimestamp = Now.AddMinutes(created++) }, Status = new ReplicaSetStatus() };
            return true;
        }
        return Apply(DeploymentRollout.Roll(Deployment_, state));
    }

    private bool Apply(IReadOnlyDictionary<string, int> sizes)
    {
        foreach (var set in sets.Values.ToList())
        {
            var replicas = sizes.GetValueOrDefault(set.Name, set.Spec!.Replicas!.Value);
            var annotations = set.Metadata.Annotations!.Concat([]).ToDictionary();
            foreach (var (key, value) in DeploymentSets.SizeAnnotations(Deployment_)) annotations[key] = value;
            sets[set.Name] = set with { Metadata = set.Metadata with { Annotations = annotations }, Spec = set.Spec! with { Replicas = replicas } };
        }
        return sizes.Count > 0;
    }

    /// <summary>Pods come, go and become available, but never more than asked for.</summary>
    public void Live()
    {
        foreach (var set in sets.Values.ToList())
        {
            var (wanted, status) = (set.Spec!.Replicas!.Value, set.Status!);
            var available = Math.Min(status.AvailableReplicas ?? 0, wanted); // the unavailable ones were deleted first
            if (available < wanted && random.Next(3) > 0) available++;
            sets[set.Name] = set with { Status = status with { Replicas = wanted, ReadyReplicas = available, AvailableReplicas = available } };
        }
    }

    public int Total => sets.Values.Sum(set => set.Spec!.Replicas!.Value);

    public int Available => sets.Values.Sum(set => Math.Min(set.Status!.AvailableReplicas ?? 0, set.Spec!.Replicas!.Value));
}

public class DeploymentRolloutTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(25)]
    public void A_rolling_update_ends_with_new_pods_only_and_keeps_its_bounds_on_the_way(int replicas)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var rollout = Settled(Rollout.Deployment(replicas), seed);
            var size = DeploymentSize.Of(rollout.Deployment_);
            rollout.Deployment_ = Rollout.Deployment(replicas, "nginx:2");
            for (var round = 0; round < 1000 && !IsDone(rollout, replicas); round++)
            {
                rollout.Step();
                Assert.InRange(rollout.Total, 0, replicas + size.MaxSurge);
                Assert.True(rollout.Available >= replicas - size.MaxUnavailable, $"{rollout.Available} of {replicas} available, seed {seed}, round {round}");
                rollout.Live();
            }
            Assert.True(IsDone(rollout, replicas), $"seed {seed} does not end");
            Assert.Equal(2, rollout.Sets.Count);
        }
    }

    [Fact]
    public void Going_back_to_the_first_template_uses_its_set_again_with_a_new_revision()
    {
        var rollout = Settled(Rollout.Deployment(3), 1);
        rollout.Deployment_ = Rollout.Deployment(3, "nginx:2");
        Settle(rollout);
        rollout.Deployment_ = Rollout.Deployment(3);
        Assert.Equal(3, rollout.State.NextRevision);
        Settle(rollout);
        Assert.Equal(2, rollout.Sets.Count);
        Assert.Equal(3, rollout.State.New!.Spec!.Replicas);
    }

    [Theory]
    [InlineData(10, 20)]
    [InlineData(10, 4)]
    [InlineData(10, 0)]
    [InlineData(3, 50)]
    public void A_new_size_in_the_middle_of_a_rollout_is_shared_out_and_reached(int before, int after)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var rollout = Settled(Rollout.Deployment(before), seed);
            rollout.Deployment_ = Rollout.Deployment(before, "nginx:2");
            for (var round = 0; round < 3; round++) { rollout.Step(); rollout.Live(); }
            rollout.Deployment_ = Rollout.Deployment(after, "nginx:2");
            rollout.Step();
            var size = DeploymentSize.Of(rollout.Deployment_);
            Assert.True(rollout.Total <= after + size.MaxSurge, $"{rollout.Total} pods for {after}, seed {seed}");
            Settle(rollout);
            Assert.Equal(after, rollout.State.New!.Spec!.Replicas);
            Assert.Equal(after, rollout.Total);
        }
    }

    [Fact]
    public void The_only_set_takes_the_new_size()
    {
        var rollout = Settled(Rollout.Deployment(2), 3);
        foreach (var replicas in new[] { 0, 2, 5, 1 })
        {
            rollout.Deployment_ = Rollout.Deployment(replicas);
            Settle(rollout);
            Assert.Equal(replicas, rollout.Total);
        }
        Assert.Single(rollout.Sets);
    }

    [Fact]
    public void A_template_that_never_gets_ready_leaves_the_old_pods_serving()
    {
        var rollout = Settled(Rollout.Deployment(4), 5);
        rollout.Deployment_ = Rollout.Deployment(4, "broken");
        for (var round = 0; round < 50; round++) rollout.Step(); // no Live: nothing becomes available
        Assert.Equal(3, rollout.State.Old[0].Spec!.Replicas); // 25 % of 4 may be missing
        Assert.Equal(2, rollout.State.New!.Spec!.Replicas);   // and 25 % may be there in addition
    }

    [Fact]
    public void Recreate_stops_what_is_old_first_and_then_makes_all_at_once()
    {
        var rollout = Settled(Rollout.Deployment(3), 1);
        rollout.Deployment_ = Rollout.Deployment(3, "nginx:2", "Recreate");
        Assert.Equal(0, Assert.Single(DeploymentRollout.StopOld(rollout.State)).Value);
        Assert.Equal(3, DeploymentRollout.NewSize(rollout.Deployment_, rollout.State));
    }

    private static bool IsDone(Rollout rollout, int replicas) => rollout.Available == replicas && rollout.Total == replicas && rollout.State.New?.Spec!.Replicas == replicas;

    private static Rollout Settled(Deployment deployment, int seed)
    {
        var rollout = new Rollout(deployment, seed);
        Settle(rollout);
        return rollout;
    }

    private static void Settle(Rollout rollout)
    {
        var quiet = 0;
        for (var round = 0; round < 2000 && quiet < 50; round++)
        {
            quiet = rollout.Step() ? 0 : quiet + 1;
            rollout.Live();
        }
        Assert.Equal(50, quiet);
    }
}

public class DeploymentSetsTests
{
    [Fact]
    public void A_new_set_carries_hash_size_and_revision()
    {
        var deployment = Rollout.Deployment(2) with { Metadata = Rollout.Deployment(2).Metadata with { Annotations = new Dictionary<string, string> { ["team"] = "a", ["kubectl.kubernetes.io/last-applied-configuration"] = "{}" } } };
        var set = DeploymentSets.Of(deployment, []).Make(deployment, 2);
        var hash = PodTemplateHash.Of(deployment.Spec!.Template, null);
        Assert.Equal($"web-{hash}", set.Name);
        Assert.Equal(hash, set.Metadata.Labels!["pod-template-hash"]);
        Assert.Equal(hash, set.Spec!.Selector.MatchLabels!["pod-template-hash"]);
        Assert.Equal(hash, set.Spec.Template!.Metadata!.Labels!["pod-template-hash"]);
        Assert.Equal(new Dictionary<string, string>
        {
            ["team"] = "a", ["deployment.kubernetes.io/revision"] = "1", ["deployment.kubernetes.io/desired-replicas"] = "2", ["deployment.kubernetes.io/max-replicas"] = "3",
        }, set.Metadata.Annotations!);
        Assert.True(PodTemplateHash.SameTemplate(set.Spec.Template, deployment.Spec.Template));
    }

    [Fact]
    public void The_present_set_follows_the_deployments_annotations_and_remembers_former_revisions()
    {
        var deployment = Rollout.Deployment(2) with { Metadata = Rollout.Deployment(2).Metadata with { Annotations = new Dictionary<string, string> { ["kubernetes.io/change-cause"] = "because", [DeploymentSets.Revision] = "1" } } };
        var first = DeploymentSets.Of(deployment, []).Make(deployment, 2);
        Assert.Empty(DeploymentSets.Of(deployment, [first]).InheritedAnnotations(deployment));
        var second = first with { Metadata = first.Metadata with { Name = "web-2", Annotations = new Dictionary<string, string> { [DeploymentSets.Revision] = "4" } }, Spec = first.Spec! with { Template = Template("nginx:2") } };
        var changed = deployment with { Metadata = deployment.Metadata with { Annotations = new Dictionary<string, string> { ["kubernetes.io/change-cause"] = "back again" } } };
        Assert.Equal(new Dictionary<string, string> { ["kubernetes.io/change-cause"] = "back again", [DeploymentSets.Revision] = "5", [DeploymentSets.RevisionHistory] = "1" },
            DeploymentSets.Of(changed, [first, second]).InheritedAnnotations(changed).ToDictionary());
    }

    [Fact]
    public void Idle_old_sets_beyond_the_limit_expire_oldest_revision_first()
    {
        ReplicaSet Old(int revision, int replicas) => new()
        {
            Metadata = new ObjectMeta { Name = $"web-{revision}", Namespace = "default", Annotations = new Dictionary<string, string> { [DeploymentSets.Revision] = $"{revision}" } },
            Spec = new ReplicaSetSpec { Replicas = replicas, Template = Template($"nginx:{revision}") }, Status = new ReplicaSetStatus { Replicas = replicas, ObservedGeneration = 1 },
        };
        var deployment = Rollout.Deployment(2) with { Spec = Rollout.Deployment(2).Spec! with { RevisionHistoryLimit = 2 } };
        var sets = DeploymentSets.Of(deployment, [Old(10, 0), Old(9, 0), Old(3, 1), Old(4, 0), Old(5, 0)]);
        Assert.Equal(["web-4", "web-5"], sets.Expired(deployment).Select(set => set.Name));
    }
}

public class DeploymentProgressTests
{
    private static ReplicaSet Set(Deployment deployment, int replicas, int available, string image = "nginx") => new()
    {
        Metadata = new ObjectMeta { Name = "web-" + image, Namespace = "default", Uid = image, Generation = 1 },
        Spec = new ReplicaSetSpec { Replicas = replicas, Template = Template(image) },
        Status = new ReplicaSetStatus { Replicas = replicas, ReadyReplicas = available, AvailableReplicas = available, ObservedGeneration = 1 },
    };

    private static DeploymentCondition Condition(DeploymentStatus status, string type) => Assert.Single(status.Conditions!, condition => condition.Type == type);

    [Fact]
    public void The_status_follows_a_rollout_from_its_first_set_to_its_end()
    {
        var deployment = Rollout.Deployment(2);
        var status = DeploymentProgress.Status(deployment, new DeploymentSets(Set(deployment, 0, 0) with { Status = null, Spec = new ReplicaSetSpec { Replicas = 2, Template = Template() } }, []), created: true, Now);
        Assert.Equal((2, 0, 1L), (status.UnavailableReplicas, status.AvailableReplicas, status.ObservedGeneration));
        Assert.Equal(("True", "NewReplicaSetCreated"), (Condition(status, "Progressing").Status, Condition(status, "Progressing").Reason));
        Assert.Equal(("False", "MinimumReplicasUnavailable"), (Condition(status, "Available").Status, Condition(status, "Available").Reason));

        status = DeploymentProgress.Status(deployment with { Status = status }, new DeploymentSets(Set(deployment, 2, 1), []), false, Now.AddSeconds(5));
        Assert.Equal("ReplicaSetUpdated", Condition(status, "Progressing").Reason);
        Assert.Equal((Now, Now.AddSeconds(5)), (Condition(status, "Progressing").LastTransitionTime, Condition(status, "Progressing").LastUpdateTime));

        status = DeploymentProgress.Status(deployment with { Status = status }, new DeploymentSets(Set(deployment, 2, 2), []), false, Now.AddSeconds(9));
        Assert.Equal(("NewReplicaSetAvailable", "ReplicaSet \"web-nginx\" has successfully progressed."), (Condition(status, "Progressing").Reason, Condition(status, "Progressing").Message));
        Assert.Equal(("True", Now.AddSeconds(9)), (Condition(status, "Available").Status, Condition(status, "Available").LastTransitionTime!.Value));
        Assert.True(DeploymentProgress.IsComplete(deployment, status));
        Assert.Null(DeploymentProgress.Deadline(deployment, status));

        var again = DeploymentProgress.Status(deployment with { Status = status }, new DeploymentSets(Set(deployment, 2, 2), []), false, Now.AddSeconds(20));
        Assert.True(CanonicalJson.Same(status, again), "a status that does not change must be the same, else it is written for ever");
    }

    [Fact]
    public void A_finished_rollout_stays_finished_when_a_pod_fails_later()
    {
        var deployment = Finished();
        var status = DeploymentProgress.Status(deployment, new DeploymentSets(Set(deployment, 2, 1), []), false, Now.AddHours(1));
        Assert.Equal("NewReplicaSetAvailable", Condition(status, "Progressing").Reason);
        Assert.Equal("False", Condition(status, "Available").Status);
    }

    [Fact]
    public void A_new_template_after_a_finished_rollout_progresses_again()
    {
        var deployment = Finished();
        var changed = Rollout.Deployment(2, "nginx:2") with { Status = deployment.Status };
        var sets = new DeploymentSets(Set(changed, 1, 0, "nginx:2"), [Set(changed, 2, 2)]);
        Assert.NotEqual("NewReplicaSetAvailable", Condition(DeploymentProgress.Status(changed, sets, false, Now.AddHours(1)), "Progressing").Reason);
    }

    [Fact]
    public void A_rollout_on_which_nothing_moves_until_its_deadline_is_stuck()
    {
        var deployment = Rollout.Deployment(2) with { Spec = Rollout.Deployment(2).Spec! with { ProgressDeadlineSeconds = 60 } };
        var sets = new DeploymentSets(Set(deployment, 2, 1), []);
        var status = DeploymentProgress.Status(deployment, sets, true, Now);
        Assert.Equal(Now.AddSeconds(60), DeploymentProgress.Deadline(deployment, status));
        status = DeploymentProgress.Status(deployment with { Status = status }, sets, false, Now.AddSeconds(59));
        Assert.Equal("True", Condition(status, "Progressing").Status);
        status = DeploymentProgress.Status(deployment with { Status = status }, sets, false, Now.AddSeconds(61));
        Assert.Equal(("False", "ProgressDeadlineExceeded"), (Condition(status, "Progressing").Status, Condition(status, "Progressing").Reason));
        status = DeploymentProgress.Status(deployment with { Status = status }, sets, false, Now.AddSeconds(90));
        Assert.Equal("False", Condition(status, "Progressing").Status);
        status = DeploymentProgress.Status(deployment with { Status = status }, new DeploymentSets(Set(deployment, 2, 2), []), false, Now.AddSeconds(99));
        Assert.Equal("NewReplicaSetAvailable", Condition(status, "Progressing").Reason);
    }

    [Fact]
    public void Pausing_and_resuming_is_told_and_the_deadline_counts_from_the_resumption()
    {
        var deployment = Rollout.Deployment(2) with { Spec = Rollout.Deployment(2).Spec! with { ProgressDeadlineSeconds = 60 } };
        var sets = new DeploymentSets(Set(deployment, 2, 1), []);
        var status = DeploymentProgress.Status(deployment, sets, true, Now);
        var paused = deployment with { Spec = deployment.Spec! with { Paused = true } };
        status = DeploymentProgress.Status(paused with { Status = status }, sets, false, Now.AddSeconds(10));
        Assert.Equal(("Unknown", "DeploymentPaused", "Deployment is paused"), (Condition(status, "Progressing").Status, Condition(status, "Progressing").Reason, Condition(status, "Progressing").Message));
        Assert.Null(DeploymentProgress.Deadline(paused, status));
        status = DeploymentProgress.Status(deployment with { Status = status }, sets, false, Now.AddSeconds(500));
        Assert.Equal(("Unknown", "DeploymentResumed", "Deployment is resumed"), (Condition(status, "Progressing").Status, Condition(status, "Progressing").Reason, Condition(status, "Progressing").Message));
        Assert.Equal(Now.AddSeconds(560), DeploymentProgress.Deadline(deployment, status));
        status = DeploymentProgress.Status(deployment with { Status = status }, sets, false, Now.AddSeconds(561));
        Assert.Equal("ProgressDeadlineExceeded", Condition(status, "Progressing").Reason);
        status = DeploymentProgress.Status(paused with { Status = status }, sets, false, Now.AddSeconds(600));
        Assert.Equal("ProgressDeadlineExceeded", Condition(status, "Progressing").Reason); // that it got stuck stays known
    }

    [Fact]
    public void A_set_that_cannot_be_made_is_told_and_forgotten_when_it_is()
    {
        var deployment = Rollout.Deployment(2);
        var status = DeploymentProgress.CreateFailed(deployment, "Failed to create new replica set \"web-x\": no", Now);
        Assert.Equal(("False", "ReplicaSetCreateError"), (Condition(status, "Progressing").Status, Condition(status, "Progressing").Reason));
        status = DeploymentProgress.Status(deployment with { Status = status }, new DeploymentSets(Set(deployment, 2, 0), []), true, Now.AddSeconds(1));
        Assert.Equal(("True", "NewReplicaSetCreated"), (Condition(status, "Progressing").Status, Condition(status, "Progressing").Reason));
    }

    private static Deployment Finished()
    {
        var deployment = Rollout.Deployment(2);
        return deployment with { Status = DeploymentProgress.Status(deployment, new DeploymentSets(Set(deployment, 2, 2), []), false, Now) };
    }
}
