using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// Up to which revisions the kernel holds Services and EndpointSlices. Informers say what was delivered; who writes the rules takes
/// <see cref="Delivered"/> before it takes the changes, and gives it to <see cref="Programmed"/> when they are in the kernel: what came
/// meanwhile may be in already, and counts the next time.
/// </summary>
internal sealed class ProgrammedProgress
{
    private readonly Lock guard = new();
    private ProgrammedRevisions delivered, awaited;
    private ProgrammedRevisions? programmed;
    private bool servicesAwaited, slicesAwaited;

    /// <summary>
    /// Something was delivered that the control plane waits for (<see cref="RoutingChange"/>): the rules are to be looked at, even if none
    /// follows from it. By an informer's thread; listeners must be quick.
    /// </summary>
    public event Action? Awaited;

    /// <summary>The kernel holds something that the control plane waits for. Listeners must be quick.</summary>
    public event Action? Advanced;

    /// <summary>Null until rules were first written, by this agent.</summary>
    public ProgrammedRevisions? Now { get { lock (guard) return programmed; } }

    /// <summary>All that was delivered, and so told to those who listened to the informers before this did.</summary>
    public ProgrammedRevisions Delivered { get { lock (guard) return delivered; } }

    /// <summary>Before the informers run, and after the proxier listens to them.</summary>
    public void Watch(Informer<Service> services, Informer<EndpointSlice> slices)
    {
        services.Changed += Changed;
        slices.Changed += Changed;
        services.Advanced += ServicesAdvanced;
        slices.Advanced += SlicesAdvanced;
    }

    public void Changed(Service? before, Service? after)
    {
        if (RoutingChange.Of(before, after)) servicesAwaited = true;
    }

    public void Changed(EndpointSlice? before, EndpointSlice? after)
    {
        if (RoutingChange.Of(before, after)) slicesAwaited = true;
    }

    public void ServicesAdvanced(long revision)
    {
        lock (guard)
        {
            delivered = delivered with { Services = revision };
            if (servicesAwaited) awaited = awaited with { Services = revision };
        }
        if (servicesAwaited) Awaited?.Invoke();
        servicesAwaited = false;
    }

    public void SlicesAdvanced(long revision)
    {
        lock (guard)
        {
            delivered = delivered with { EndpointSlices = revision };
            if (slicesAwaited) awaited = awaited with { EndpointSlices = revision };
        }
        if (slicesAwaited) Awaited?.Invoke();
        slicesAwaited = false;
    }

    /// <summary>All changes up to <paramref name="taken"/> are in the kernel.</summary>
    public void Programmed(ProgrammedRevisions taken)
    {
        bool news;
        lock (guard)
        {
            news = IsAwaited(programmed ?? default, taken);
            programmed = taken;
        }
        if (news) Advanced?.Invoke();
    }

    /// <summary>Somebody waits for more than this report says, and the kernel holds it.</summary>
    public bool IsDue(ProgrammedRevisions? reported)
    {
        lock (guard) return programmed is { } now && (reported is not { } before || IsAwaited(before, now));
    }

    /// <summary>Between both, a change was passed for which somebody waits: a status or a label alone is not worth a report of its own.</summary>
    private bool IsAwaited(ProgrammedRevisions before, ProgrammedRevisions now) =>
        Math.Min(awaited.Services, now.Services) > before.Services || Math.Min(awaited.EndpointSlices, now.EndpointSlices) > before.EndpointSlices;
}
