using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.DaemonSets;

/// <summary>
/// The next step of a rolling update: without surge old pods go and the plan makes new ones in their place, with surge new
/// pods come first. Never are more nodes without an available pod, or with two, than the strategy allows.
/// </summary>
internal sealed record DaemonRollout(IReadOnlyList<string> CreateOn, IReadOnlyList<Pod> Delete)
{
    private static readonly DaemonRollout Nothing = new([], []);

    /// <summary>The set replaces pods by putting the new one beside the old one.</summary>
    public static bool Surges(DaemonSet set) => set.Spec?.UpdateStrategy is { Type: "RollingUpdate", RollingUpdate.MaxSurge: { } surge } && surge.Scale(100, roundUp: true) > 0;

    public static DaemonRollout Next(DaemonSet set, IReadOnlyList<DaemonNode> nodes, string hash, DateTime now)
    {
        if (set.Spec?.UpdateStrategy is not { Type: "RollingUpdate" } strategy) return Nothing;
        var targets = nodes.Where(node => node.ShouldRun).Select(node => Target.Of(node, hash, set.Spec.MinReadySeconds ?? 0, now)).ToList();
        int Amount(IntOrString? amount) => amount?.Scale(targets.Count, roundUp: true) ?? 0;
        return Surges(set) ? WithSurge(targets, Amount(strategy.RollingUpdate!.MaxSurge)) : InPlace(targets, Amount(strategy.RollingUpdate?.MaxUnavailable ?? 1));
    }

    /// <summary>A node's pod of a former template and of the present one, as far as there are such.</summary>
    private sealed record Target(string Node, Pod? Old, bool OldAvailable, Pod? New, bool NewAvailable)
    {
        public static Target Of(DaemonNode node, string hash, int minReadySeconds, DateTime now)
        {
            var alive = node.Pods.Where(PodState.IsActive).ToList();
            var (former, current) = (alive.Find(pod => !DaemonPod.IsOf(pod, hash)), alive.Find(pod => DaemonPod.IsOf(pod, hash)));
            bool Available(Pod? pod) => pod is not null && PodState.IsAvailable(pod, minReadySeconds, now);
            return new Target(node.Name, former, Available(former), current, Available(current));
        }
    }

    /// <summary>An old pod that is not available costs nothing more when it goes.</summary>
    private static DaemonRollout InPlace(IReadOnlyList<Target> targets, int maxUnavailable)
    {
        var unavailable = targets.Count(target => target.Old is null == target.New is null || target.New is not null && !target.NewAvailable);
        var broken = targets.Where(target => target is { Old: not null, New: null, OldAvailable: false }).ToList();
        var working = targets.Where(target => target is { Old: not null, New: null, OldAvailable: true });
        var more = Math.Max(0, maxUnavailable - unavailable - broken.Count);
        return new DaemonRollout([], broken.Concat(working.Take(more)).Select(target => target.Old!).ToList());
    }

    private static DaemonRollout WithSurge(IReadOnlyList<Target> targets, int maxSurge)
    {
        var surging = targets.Count(target => target is { Old: not null, New: not null, NewAvailable: false });
        var broken = targets.Where(target => target is { Old: not null, New: null, OldAvailable: false }).ToList();
        var working = targets.Where(target => target is { Old: not null, New: null, OldAvailable: true });
        var create = broken.Concat(working.Take(Math.Max(0, maxSurge - surging - broken.Count))).Select(target => target.Node).ToList();
        return new DaemonRollout(create, targets.Where(target => target is { Old: not null, NewAvailable: true }).Select(target => target.Old!).ToList());
    }
}
