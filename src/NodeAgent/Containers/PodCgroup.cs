using KubeApi.Objects;
using Linux;

namespace NodeAgent.Containers;

/// <summary>
/// A pod's cgroup, which holds those of its containers: below <c>nodeagent</c> as the kubelet's are below <c>kubepods</c>, so that
/// processors go to guaranteed pods, to the burstable ones together and to the best-effort ones together, in this order
/// (kubelet, pkg/kubelet/cm).
/// </summary>
internal static class PodCgroup
{
    private const string Root = "nodeagent", Burstable = $"{Root}/burstable", BestEffort = $"{Root}/besteffort";
    private const ulong MinShares = 2;

    private static readonly Lock sums = new();

    /// <summary>From the root of the cgroup file system that the node sees, without a slash before it.</summary>
    public static string Path(Pod pod) => $"{Parent(QosClass.Of(pod))}/pod{pod.Metadata.Uid}";

    /// <summary>Where it exists, whatever the pod's class is; null: nowhere.</summary>
    public static string? Find(string uid) => Candidates(uid).FirstOrDefault(path => Cgroups.Find(path).Count > 0);

    /// <summary>Makes it with the pod's own limits. May be repeated.</summary>
    /// <param name="maxPids">Most processes of the pod; keeps a fork bomb in it.</param>
    /// <exception cref="IOException">The kernel refuses a value.</exception>
    public static void Ensure(Pod pod, long maxPids)
    {
        Cgroups.Set(Path(pod), PodCgroupLimits.Of(pod) with { Pids = maxPids });
        Balance();
    }

    /// <summary>Not finding it is no error.</summary>
    public static void Remove(string uid)
    {
        foreach (var path in Candidates(uid)) Cgroups.Remove(path);
        Balance();
    }

    /// <summary>Burstable pods have together what they asked for each; best-effort ones what is left.</summary>
    private static void Balance()
    {
        lock (sums)
        {
            if (Cgroups.Find(BestEffort).Count > 0) Cgroups.Set(BestEffort, new CgroupLimits(MinShares));
            if (Cgroups.Find(Burstable).Count == 0) return;
            var shares = Cgroups.Children(Burstable).Select(pod => Cgroups.CpuShares($"{Burstable}/{pod}") ?? 0).Aggregate(0UL, (sum, next) => sum + next);
            Cgroups.Set(Burstable, new CgroupLimits(Math.Max(shares, MinShares)));
        }
    }

    private static string Parent(string qosClass) => qosClass switch { "Guaranteed" => Root, "Burstable" => Burstable, _ => BestEffort };

    /// <summary>Where it can be: its place follows from the pod's class.</summary>
    public static IEnumerable<string> Candidates(string uid) => new[] { Root, Burstable, BestEffort }.Select(parent => $"{parent}/pod{uid}");
}
