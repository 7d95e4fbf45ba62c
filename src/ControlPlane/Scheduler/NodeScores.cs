using KubeApi.Objects;
using KubeApi.Scheduling;

namespace ControlPlane.Scheduler;

/// <summary>
/// How well nodes suit a pod that could run on any of them: every aspect gives 0 to 100 to each node and counts by its
/// weight, as the default plugins of kube-scheduler do.
/// </summary>
internal static class NodeScores
{
    private const int Most = 100;

    private const int TaintWeight = 3, AffinityWeight = 2, SpreadWeight = 2, PodAffinityWeight = 2;

    /// <param name="services">Of the pod's namespace: pods behind one are spread if the pod says nothing about it.</param>
    /// <returns>The score of every node, in their order; higher is better.</returns>
    public static double[] Of(PodInfo pod, IReadOnlyList<NodeState> nodes, ClusterView cluster, IEnumerable<Service> services)
    {
        var total = new double[nodes.Count];
        for (var i = 0; i < nodes.Count; i++) total[i] = LeastAllocated(pod.Requests, nodes[i]) + Balanced(pod.Requests, nodes[i]);
        if (nodes.Any(node => node.UnwantedTaints.Count > 0)) Add(total, TaintWeight, Fewest(nodes, node => Intolerable(pod, node)));
        if (pod.Spec.Affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution is { Count: > 0 })
            Add(total, AffinityWeight, Relative(nodes.Select(node => (double)NodeAffinityTerms.Preference(pod.Spec, node.Node!)).ToArray(), least: 0));
        if (SpreadScores.Of(pod, nodes, cluster, services) is { } spread) Add(total, SpreadWeight, spread);
        if (PodAffinityScores.Of(pod, nodes, cluster) is { } near) Add(total, PodAffinityWeight, Relative(near, near.Min()));
        return total;
    }

    private static void Add(double[] total, int weight, double[] scores)
    {
        for (var i = 0; i < total.Length; i++) total[i] += weight * scores[i];
    }

    private static int Intolerable(PodInfo pod, NodeState node)
    {
        var count = 0;
        foreach (var taint in node.UnwantedTaints)
            if (!Tolerations.Tolerate(pod.Spec.Tolerations, taint)) count++;
        return count;
    }

    private static double[] Fewest(IReadOnlyList<NodeState> nodes, Func<NodeState, int> count)
    {
        var counts = nodes.Select(count).ToArray();
        var most = counts.Max();
        return counts.Select(value => most == 0 ? Most : Most - (double)Most * value / most).ToArray();
    }

    /// <summary>The share of the way from the least to the highest value; 0 for all if there is no difference.</summary>
    private static double[] Relative(double[] values, double least)
    {
        var span = values.Max() - least;
        return values.Select(value => span <= 0 ? 0 : Most * (value - least) / span).ToArray();
    }

    /// <summary>What would be left of CPU and memory, in hundredths; a pod that asks for nothing counts as a small one.</summary>
    private static double LeastAllocated(PodRequests requests, NodeState node) =>
        (Left(node.WeighedMilliCpu + requests.WeighedMilliCpu, node.AllocatableMilliCpu) + Left(node.WeighedMemory + requests.WeighedMemory, node.AllocatableMemory)) / 2;

    private static double Left(long asked, long allocatable) => allocatable <= 0 || asked > allocatable ? 0 : (double)Most * (allocatable - asked) / allocatable;

    /// <summary>CPU and memory in use to the same share: the standard deviation of two shares is half their distance.</summary>
    private static double Balanced(PodRequests requests, NodeState node)
    {
        if (node.AllocatableMilliCpu <= 0 || node.AllocatableMemory <= 0) return 0;
        var cpu = Math.Min(1, (double)(node.MilliCpu + requests.MilliCpu) / node.AllocatableMilliCpu);
        var memory = Math.Min(1, (double)(node.Memory + requests.Memory) / node.AllocatableMemory);
        return Most * (1 - Math.Abs(cpu - memory) / 2);
    }
}
