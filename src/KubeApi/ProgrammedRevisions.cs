using System.Globalization;

namespace KubeApi;

/// <summary>
/// What a node's kernel holds: every change of Services up to one revision (resourceVersion), every change of EndpointSlices up to another.
/// Two numbers, because they come by two watches: a watch moves on with changes of its own kind (and a bookmark a minute), so that the smaller
/// of both would stay behind for as long as the quieter kind is quiet.
/// </summary>
public readonly record struct ProgrammedRevisions(long Services, long EndpointSlices)
{
    /// <summary>
    /// Of the node's Lease in kube-node-lease. The Lease is the object that a node writes often anyway, that is small, and that nobody watches
    /// but the control plane: a report costs no other node anything. The Node object would be sent to all nodes with each report.
    /// </summary>
    public const string Annotation = "nodeagent.dev/programmed-revisions";

    /// <summary>
    /// Of a pod that is being deleted: the revision of EndpointSlices, held by the kernel of every ready node, by which no Service sends it new
    /// connections any more. Its node waits for that before the stop signal. On the pod, because of all agents only its own hears of it there.
    /// </summary>
    public const string WithdrawnAnnotation = "nodeagent.dev/endpoints-withdrawn";

    private const string ServicesName = "services", SlicesName = "endpointslices";

    /// <summary>Nothing older is missing.</summary>
    public bool Covers(ProgrammedRevisions needed) => Services >= needed.Services && EndpointSlices >= needed.EndpointSlices;

    public static ProgrammedRevisions Lower(ProgrammedRevisions a, ProgrammedRevisions b) => new(Math.Min(a.Services, b.Services), Math.Min(a.EndpointSlices, b.EndpointSlices));

    public static ProgrammedRevisions Higher(ProgrammedRevisions a, ProgrammedRevisions b) => new(Math.Max(a.Services, b.Services), Math.Max(a.EndpointSlices, b.EndpointSlices));

    /// <summary>As the annotation has it: <c>services=12,endpointslices=34</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ServicesName}={Services},{SlicesName}={EndpointSlices}");

    /// <returns>Null for what is not of the annotation's form.</returns>
    public static ProgrammedRevisions? Parse(string? text) =>
        text?.Split(',') is [var services, var slices] && Number(services, ServicesName) is { } first && Number(slices, SlicesName) is { } second ? new(first, second) : null;

    private static long? Number(string part, string name) =>
        part.StartsWith(name + "=", StringComparison.Ordinal) && long.TryParse(part.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
