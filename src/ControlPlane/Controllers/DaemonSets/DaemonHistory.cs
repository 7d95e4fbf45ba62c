using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.DaemonSets;

/// <summary>
/// The templates that a DaemonSet has had, as ControllerRevisions: each holds the strategic merge patch that brings its
/// template back, which <c>kubectl rollout undo</c> sends as it is.
/// </summary>
/// <param name="Current">That of the present template; null until it is made.</param>
/// <param name="Old">Lowest number first.</param>
internal sealed record DaemonHistory(ControllerRevision? Current, IReadOnlyList<ControllerRevision> Old)
{
    public static DaemonHistory Of(DaemonSet set, IEnumerable<ControllerRevision> revisions)
    {
        var data = CanonicalJson.Of(Data(set));
        var ordered = revisions.OrderBy(revision => revision.Revision).ThenBy(revision => revision.Name, StringComparer.Ordinal).ToList();
        // Of several with one content the highest stays the current one; the others are kept out of use by their lower number.
        var current = ordered.FindLast(revision => revision.Data is { } held && CanonicalJson.Of(held) == data);
        return new DaemonHistory(current, ordered.Where(revision => revision != current).ToList());
    }

    /// <summary>The number that the present template has or gets: higher than any other's.</summary>
    public long NextNumber => Math.Max(Old.Select(revision => revision.Revision).DefaultIfEmpty().Max() + 1, Current?.Revision ?? 1);

    /// <summary>What tells pods of this revision from others.</summary>
    public static string HashOf(ControllerRevision revision) => revision.Metadata.Labels?.GetValueOrDefault(DaemonPod.HashLabel) ?? "";

    public ControllerRevision Make(DaemonSet set)
    {
        var hash = PodTemplateHash.Of(set.Spec!.Template, set.Status?.CollisionCount);
        return new ControllerRevision
        {
            Metadata = new ObjectMeta
            {
                Name = $"{set.Name}-{hash}", Namespace = set.Namespace, OwnerReferences = [Ownership.ReferenceTo(set)], Annotations = set.Metadata.Annotations,
                Labels = new Dictionary<string, string>(set.Spec.Template.Metadata?.Labels ?? new Dictionary<string, string>()) { [DaemonPod.HashLabel] = hash },
            },
            Data = Data(set), Revision = NextNumber,
        };
    }

    /// <summary>Old ones beyond revisionHistoryLimit that no pod is of, the lowest number first.</summary>
    public IReadOnlyList<ControllerRevision> Expired(DaemonSet set, IEnumerable<Pod> pods)
    {
        var used = pods.Select(pod => pod.Metadata.Labels?.GetValueOrDefault(DaemonPod.HashLabel)).ToHashSet();
        var idle = Old.Where(revision => !used.Contains(HashOf(revision)) && revision.Metadata.DeletionTimestamp is null).ToList();
        return idle.Take(Math.Max(0, Old.Count - (set.Spec?.RevisionHistoryLimit ?? 10))).ToList();
    }

    private static JsonElement Data(DaemonSet set)
    {
        var template = JsonNode.Parse(KubeJson.Serialize(set.Spec!.Template))!.AsObject();
        template["$patch"] = "replace";
        return JsonSerializer.SerializeToElement(new JsonObject { ["spec"] = new JsonObject { ["template"] = template } });
    }
}
