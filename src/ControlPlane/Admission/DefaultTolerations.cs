using ControlPlane.Scheduler;
using KubeApi.Objects;

namespace ControlPlane.Admission;

/// <summary>
/// How long a pod stays bound to a node that is not ready or unreachable: where the pod says nothing about it, it gets these tolerations when it is
/// made (admission plugin DefaultTolerationSeconds), so that everybody sees them.
/// </summary>
/// <param name="NotReadySeconds">kube-apiserver --default-not-ready-toleration-seconds.</param>
/// <param name="UnreachableSeconds">kube-apiserver --default-unreachable-toleration-seconds.</param>
internal sealed record DefaultTolerations(long NotReadySeconds = DefaultTolerations.Seconds, long UnreachableSeconds = DefaultTolerations.Seconds)
{
    /// <summary>Kubernetes has 300; see the README of the controllers, "Lost nodes".</summary>
    public const long Seconds = 5;

    /// <summary>Null for a taint that no pod tolerates by default.</summary>
    public long? Of(string taint) => taint switch
    {
        Tolerations.NotReady => NotReadySeconds,
        Tolerations.Unreachable => UnreachableSeconds,
        _ => null,
    };

    /// <param name="before">The pod that is updated: what it tolerates stays so, where the update does not speak of it.</param>
    public Pod AddTo(Pod pod, Pod? before = null)
    {
        var own = pod.Spec?.Tolerations ?? [];
        var added = new[] { Tolerations.NotReady, Tolerations.Unreachable }.Where(key => !own.Any(toleration => Speaks(toleration, key))).ToList();
        if (added.Count == 0) return pod;
        return pod with { Spec = (pod.Spec ?? new PodSpec()) with { Tolerations = [.. own, .. added.Select(key => Kept(before, key) ?? Default(key))] } };
    }

    private static Toleration? Kept(Pod? before, string key) => before?.Spec?.Tolerations?.FirstOrDefault(toleration => toleration is { Operator: "Exists", Effect: "NoExecute" } && toleration.Key == key);

    private Toleration Default(string key) => new() { Key = key, Operator = "Exists", Effect = "NoExecute", TolerationSeconds = Of(key) };

    private static bool Speaks(Toleration toleration, string key) =>
        (string.IsNullOrEmpty(toleration.Key) || toleration.Key == key) && (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == "NoExecute");
}
