using KubeApi.Objects;

namespace ControlPlane.Controllers.DaemonSets;

/// <summary>What brings a DaemonSet's pods in line: one per node that should run it, none elsewhere.</summary>
/// <param name="CreateOn">Names of nodes.</param>
/// <param name="Ended">Pods of <paramref name="Delete"/> that ended by themselves.</param>
/// <param name="LookAgain">When a pod that failed too often may be replaced; null if there is none.</param>
internal sealed record DaemonPlan(IReadOnlyList<string> CreateOn, IReadOnlyList<Pod> Delete, IReadOnlyList<Pod> Ended, DateTime? LookAgain)
{
    /// <summary>The most pods made or deleted in one round.</summary>
    private const int Burst = 250;

    public bool IsEmpty => CreateOn.Count == 0 && Delete.Count == 0;

    /// <param name="retryAt">Until when a failed pod on a node is left alone; the past where it may go now.</param>
    public static DaemonPlan Compute(DaemonSet set, IReadOnlyList<DaemonNode> nodes, string hash, Func<string, DateTime> retryAt, DateTime now)
    {
        var (create, delete, ended) = (new List<string>(), new List<Pod>(), new List<Pod>());
        DateTime? lookAgain = null;
        foreach (var node in nodes)
        {
            if (node.ShouldRun && node.Pods.Count == 0) create.Add(node.Name);
            else if (!node.ShouldRun && !node.MayStay) delete.AddRange(node.Pods.Where(pod => pod.Metadata.DeletionTimestamp is null));
            else Tidy(node);
        }
        return new DaemonPlan(create.Take(Burst).ToList(), delete.Take(Burst).ToList(), ended, lookAgain);

        void Tidy(DaemonNode node)
        {
            var running = new List<Pod>();
            foreach (var pod in node.Pods.Where(pod => pod.Metadata.DeletionTimestamp is null))
            {
                if (!PodState.IsFinished(pod)) running.Add(pod);
                else if (pod.Status?.Phase == "Failed" && retryAt(node.Name) is var at && at > now) lookAgain = lookAgain < at ? lookAgain : at;
                else
                {
                    delete.Add(pod);
                    ended.Add(pod);
                }
            }
            if (running.Count > 1) delete.AddRange(DaemonRollout.Surges(set) ? Superseded(running, hash, set.Spec!.MinReadySeconds ?? 0, now) : running.Skip(1));
        }
    }

    /// <summary>With surge, one old and one new pod stand side by side until the new one is available.</summary>
    private static IEnumerable<Pod> Superseded(IReadOnlyList<Pod> oldestFirst, string hash, int minReadySeconds, DateTime now)
    {
        var current = oldestFirst.FirstOrDefault(pod => DaemonPod.IsOf(pod, hash));
        var former = oldestFirst.FirstOrDefault(pod => !DaemonPod.IsOf(pod, hash));
        foreach (var pod in oldestFirst.Where(pod => pod != current && pod != former)) yield return pod;
        if (current is not null && former is not null && (!PodState.IsReady(former) || PodState.IsAvailable(current, minReadySeconds, now))) yield return former;
    }
}
