using KubeApi.Objects;

namespace ControlPlane.Controllers.Programmed;

/// <summary>Pure: what a Service's condition Programmed says, and when it is worth a write.</summary>
internal static class ProgrammedCondition
{
    public const string Type = "Programmed";

    /// <summary>So many nodes that lag are named.</summary>
    private const int Named = 3;

    /// <summary>So many times the patience for a condition that has changed within <see cref="Quiet"/>: where endpoints flap and a node is slow, it must not follow each beat.</summary>
    public const int Flapping = 7;

    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    /// <summary>How often the message of a condition that stays False may follow the nodes that it names.</summary>
    public static readonly TimeSpan MessageEvery = TimeSpan.FromSeconds(1);

    public static Condition? Of(Service service) => service.Status?.Conditions?.FirstOrDefault(condition => condition.Type == Type);

    /// <summary>Nodes have rules for its addresses. Headless ones and aliases are names only, which need no rule.</summary>
    public static bool IsRouted(Service service) => service.Spec is { Type: not "ExternalName", ClusterIP: not "None" };

    /// <param name="counted">Some node counts.</param>
    /// <param name="lagging">Those of them that lack something of the Service.</param>
    /// <param name="sliced">It has EndpointSlices, or had some: one with a selector gets one at once, if an empty one.</param>
    public static Condition Now(Service service, bool counted, IReadOnlyList<string> lagging, bool sliced = true)
    {
        var condition = new Condition { Type = Type, ObservedGeneration = service.Metadata.Generation };
        if (!IsRouted(service)) return condition with { Status = "True", Reason = "NothingToProgram", Message = "It is a name only: nodes need no rule for it" };
        if (!counted) return condition with { Status = "Unknown", Reason = "NoReadyNodes", Message = "No node is ready and has reported what its kernel holds" };
        if (!sliced && ServiceEndpoint.IsManaged(service)) return condition with { Status = "False", Reason = "Pending", Message = "Waiting for its EndpointSlices" };
        if (lagging.Count == 0) return condition with { Status = "True", Reason = "Programmed", Message = "The kernels of all ready nodes hold it and its endpoints" };
        var more = lagging.Count > Named ? $" and {lagging.Count - Named} more" : "";
        return condition with { Status = "False", Reason = "Pending", Message = $"Waiting for {(lagging.Count == 1 ? "node" : "nodes")} {string.Join(", ", lagging.Take(Named))}{more}" };
    }

    /// <param name="patience">See <see cref="ControllerOptions.ProgrammedPatience"/>.</param>
    /// <returns>How long after <paramref name="now"/> began to differ from what stands there the write is due; null: it need not be written at all.</returns>
    public static TimeSpan? WriteAfter(Condition? stored, Condition now, DateTime time, TimeSpan patience)
    {
        var current = stored is not null && stored.ObservedGeneration == now.ObservedGeneration;
        if (now.Status == "True") return current && stored! with { LastTransitionTime = null } == now ? null : TimeSpan.Zero;
        // Without nodes nothing is learned, so what was true stands; else one node that goes would touch every Service of a small cluster.
        if (now.Status == "Unknown" && current) return null;
        if (stored is null) return patience;
        if (stored.Status == "True") return time - stored.LastTransitionTime < Quiet ? Flapping * patience : patience;
        return current && stored with { LastTransitionTime = null } == now ? null : MessageEvery;
    }
}
