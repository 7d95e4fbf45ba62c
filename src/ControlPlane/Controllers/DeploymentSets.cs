using System.Globalization;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>A Deployment's ReplicaSets: the one of the present template (null until it is made) and those of former ones, oldest first.</summary>
internal sealed record DeploymentSets(ReplicaSet? New, IReadOnlyList<ReplicaSet> Old)
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string RevisionHistory = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";

    private static readonly string[] NotInherited =
        ["kubectl.kubernetes.io/last-applied-configuration", Revision, RevisionHistory, DesiredReplicas, MaxReplicas];

    public static DeploymentSets Of(Deployment deployment, IEnumerable<ReplicaSet> sets)
    {
        var oldestFirst = sets.OrderBy(set => set.Metadata.CreationTimestamp ?? DateTime.MaxValue).ThenBy(set => set.Name, StringComparer.Ordinal).ToList();
        var current = oldestFirst.Find(set => PodTemplateHash.SameTemplate(set.Spec?.Template, deployment.Spec!.Template));
        return new DeploymentSets(current, oldestFirst.Where(set => !ReferenceEquals(set, current)).ToList());
    }

    public IEnumerable<ReplicaSet> All => New is null ? Old : [.. Old, New];

    /// <summary>The revision that the present template has or gets: one more than any former one.</summary>
    public long NextRevision => Math.Max(Old.Select(RevisionOf).DefaultIfEmpty().Max() + 1, New is null ? 1 : RevisionOf(New));

    public static long RevisionOf(KubeObject obj) => Number(obj, Revision) ?? 0;

    /// <summary>An annotation as a number, or null.</summary>
    public static long? Number(KubeObject obj, string annotation) =>
        long.TryParse(obj.Metadata.Annotations?.GetValueOrDefault(annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>
    /// What the new set's annotations lack: the Deployment's own and the revision. A set that is used again remembers the
    /// revisions that it had before.
    /// </summary>
    public IReadOnlyDictionary<string, string> InheritedAnnotations(Deployment deployment)
    {
        var (present, own) = (New!.Metadata.Annotations ?? new Dictionary<string, string>(), deployment.Metadata.Annotations ?? new Dictionary<string, string>());
        var wanted = own.Where(pair => !NotInherited.Contains(pair.Key)).ToDictionary();
        wanted[Revision] = NextRevision.ToString(CultureInfo.InvariantCulture);
        if (RevisionOf(New) is > 0 and var former && former != NextRevision)
            wanted[RevisionHistory] = string.Join(',', new[] { present.GetValueOrDefault(RevisionHistory), former.ToString(CultureInfo.InvariantCulture) }.Where(part => !string.IsNullOrEmpty(part)));
        return wanted.Where(pair => present.GetValueOrDefault(pair.Key) != pair.Value).ToDictionary();
    }

    /// <summary>The ReplicaSet of the present template, to be created.</summary>
    public ReplicaSet Make(Deployment deployment, int replicas)
    {
        var spec = deployment.Spec!;
        var hash = PodTemplateHash.Of(spec.Template, deployment.Status?.CollisionCount);
        var labels = new Dictionary<string, string>(spec.Template.Metadata?.Labels ?? new Dictionary<string, string>()) { [PodTemplateHash.Label] = hash };
        var selector = new Dictionary<string, string>(spec.Selector.MatchLabels ?? new Dictionary<string, string>()) { [PodTemplateHash.Label] = hash };
        var annotations = (deployment.Metadata.Annotations ?? new Dictionary<string, string>()).Where(pair => !NotInherited.Contains(pair.Key)).ToDictionary();
        annotations[Revision] = NextRevision.ToString(CultureInfo.InvariantCulture);
        foreach (var (key, value) in SizeAnnotations(deployment)) annotations[key] = value;
        return new ReplicaSet
        {
            Metadata = new ObjectMeta
            {
                Name = $"{deployment.Name}-{hash}", Namespace = deployment.Namespace, Labels = labels, Annotations = annotations,
                OwnerReferences = [Ownership.ReferenceTo(deployment)],
            },
            Spec = new ReplicaSetSpec
            {
                Replicas = replicas, MinReadySeconds = spec.MinReadySeconds, Selector = spec.Selector with { MatchLabels = selector },
                Template = spec.Template with { Metadata = (spec.Template.Metadata ?? new ObjectMeta()) with { Labels = labels } },
            },
        };
    }

    /// <summary>What a set remembers of the Deployment's size, so that a later change of it is noticed and shared out.</summary>
    public static IReadOnlyDictionary<string, string> SizeAnnotations(Deployment deployment)
    {
        var size = DeploymentSize.Of(deployment);
        return new Dictionary<string, string>
        {
            [DesiredReplicas] = size.Replicas.ToString(CultureInfo.InvariantCulture), [MaxReplicas] = (size.Replicas + size.MaxSurge).ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Old sets beyond revisionHistoryLimit that nothing runs in any more, to be deleted.</summary>
    public IReadOnlyList<ReplicaSet> Expired(Deployment deployment)
    {
        var idle = Old.Where(set => set.Spec?.Replicas == 0 && set.Status is { Replicas: 0 } status && status.ObservedGeneration >= (set.Metadata.Generation ?? 0)
            && set.Metadata.DeletionTimestamp is null).OrderBy(RevisionOf).ToList();
        return idle.Take(Math.Max(0, idle.Count - (deployment.Spec?.RevisionHistoryLimit ?? 10))).ToList();
    }
}
