using KubeApi.Objects;
using KubeApi.Scheduling;

namespace NodeAgent.Kubelet;

/// <summary>
/// Pure: whether there is room on a node for a pod that was bound to it, by whomever (kubelet, pkg/kubelet/lifecycle/predicate.go).
/// Such a pod fails at once and for good, as OutOfcpu, OutOfmemory, OutOfpods, NodeAffinity, NodePorts or TaintToleration.
/// </summary>
internal static class NodeFit
{
    /// <param name="others">The pods that the node has taken and that are not over.</param>
    /// <returns>Null: the pod fits.</returns>
    public static PodFailure? Problem(Pod pod, Node node, IReadOnlyList<Pod> others)
    {
        var requests = PodRequests.Of(pod.Spec!);
        var taken = others.Select(other => PodRequests.Of(other.Spec!)).ToList();
        if (OfResources(requests, taken, node) is { } resource) return resource;
        if (!NodeAffinityTerms.Matches(pod.Spec!, node)) return Predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
        if (requests.HostPorts.Any(port => taken.Any(other => other.HostPorts.Any(port.ClashesWith))))
            return Predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports");
        return (node.Spec?.Taints ?? []).All(taint => taint.Effect != "NoExecute" || Tolerates(pod, taint)) ? null : Predicate("TaintToleration", "node(s) had untolerated taints");
    }

    private static PodFailure? OfResources(PodRequests asked, List<PodRequests> taken, Node node)
    {
        if (node.Status?.Allocatable is not { } allocatable) return null;
        PodFailure? Check(string name, Func<PodRequests, long> amount, long capacity)
        {
            var used = taken.Sum(amount);
            return amount(asked) == 0 || amount(asked) <= capacity - used ? null : Rejected($"OutOf{name}",
                $"Node didn't have enough resource: {name}, requested: {amount(asked)}, used: {used}, capacity: {capacity}");
        }
        long Of(string name, Func<KubeApi.Quantity, long> unit) => allocatable.TryGetValue(name, out var quantity) ? unit(quantity) : 0;
        return Check("pods", _ => 1, Of("pods", quantity => quantity.Value)) ?? Check("cpu", requests => requests.MilliCpu, Of("cpu", quantity => quantity.MilliValue))
            ?? Check("memory", requests => requests.Memory, Of("memory", quantity => quantity.Value))
            ?? asked.Others.Keys.Select(name => Check(name, requests => requests.Others.GetValueOrDefault(name), Of(name, quantity => quantity.Value))).FirstOrDefault(problem => problem is not null);
    }

    private static bool Tolerates(Pod pod, Taint taint) => (pod.Spec!.Tolerations ?? []).Any(toleration =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (toleration.Operator == "Exists" ? string.IsNullOrEmpty(toleration.Key) || toleration.Key == taint.Key : toleration.Key == taint.Key && (toleration.Value ?? "") == (taint.Value ?? "")));

    private static PodFailure Predicate(string name, string why) => Rejected(name, $"Predicate {name} failed: {why}");

    private static PodFailure Rejected(string reason, string message) => new(reason, $"Pod was rejected: {message}", Rejected: true);
}
