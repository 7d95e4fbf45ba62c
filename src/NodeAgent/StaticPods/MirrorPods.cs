using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.StaticPods;

/// <summary>What must be written so that the API shows a node's static pods, and no others.</summary>
/// <param name="Delete">Mirror pods that stand for nothing, or for what was there before, or that somebody deleted.</param>
internal sealed record MirrorPlan(IReadOnlyList<Pod> Create, IReadOnlyList<Pod> Delete)
{
    /// <param name="statics">Static pods that are there, those that are ending included.</param>
    /// <param name="known">The node's pods as the API has them.</param>
    public static MirrorPlan Of(IReadOnlyCollection<Pod> statics, IReadOnlyCollection<Pod> known, Node node)
    {
        var byKey = known.ToDictionary(pod => pod.Key);
        var wanted = statics.Where(pod => pod.Metadata.DeletionTimestamp is null).ToList();
        var keys = statics.Select(pod => pod.Key).ToHashSet();
        var stale = known.Where(MirrorPod.Is).Where(mirror => !keys.Contains(mirror.Key)
            || mirror.Metadata.DeletionTimestamp is not null
            || wanted.Any(pod => pod.Key == mirror.Key && !MirrorPod.IsOf(mirror, pod))).ToList();
        return new MirrorPlan([.. wanted.Where(pod => !byKey.ContainsKey(pod.Key)).Select(pod => MirrorPod.Of(pod, node))], stale);
    }
}

/// <summary>A pod in the API that stands for a static pod: it can be looked at; what is done to it does nothing to the pod.</summary>
internal static class MirrorPod
{
    public static bool Is(Pod pod) => pod.Metadata.Annotations?.ContainsKey(PodReferences.MirrorAnnotation) == true;

    public static bool IsOf(Pod mirror, Pod pod) => mirror.Metadata.Annotations?.GetValueOrDefault(PodReferences.MirrorAnnotation) == pod.Metadata.Uid;

    /// <summary>The annotation is the static pod's uid: kubectl describe looks for events about that.</summary>
    public static Pod Of(Pod pod, Node node) => pod with
    {
        Status = null,
        Metadata = new ObjectMeta
        {
            Name = pod.Name, Namespace = pod.Namespace, Labels = pod.Metadata.Labels,
            Annotations = new Dictionary<string, string>(pod.Metadata.Annotations!) { [PodReferences.MirrorAnnotation] = pod.Metadata.Uid! },
            OwnerReferences = [new OwnerReference { ApiVersion = "v1", Kind = "Node", Name = node.Name, Uid = node.Metadata.Uid!, Controller = true }],
        },
    };
}
