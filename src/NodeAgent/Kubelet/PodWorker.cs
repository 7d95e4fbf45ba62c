using System.Threading.Channels;
using KubeApi.Objects;
using Linux;
using NodeAgent.Containers;
using NodeAgent.Volumes;

namespace NodeAgent.Kubelet;

/// <summary>What all pod workers of a node share.</summary>
internal sealed record PodWorkerParts(NodePaths Paths, PodSandbox Sandbox, ContainerStarter Containers, OciRuntime Runtime, KubeletEvents Events,
    Func<Pod, PodStatusWriter> StatusWriter, Func<Pod, CancellationToken, Task> DeletePod, string HostAddress, Action<string> Log)
{
    /// <summary>Null: containers' probes are not run.</summary>
    public ProbeStart? Probe { get; init; }

    public required NodeVolumes Volumes { get; init; }

    /// <summary>Null: every pod is taken.</summary>
    public PodAdmission? Admission { get; init; }

    /// <summary>This node as the API has it, null while that is not known: what a pod must fit. Without it every pod does.</summary>
    public Func<Node?>? Node { get; init; }

    /// <summary>Null: no pod's stop signal waits for nodes' rules.</summary>
    public EndpointWithdrawal? Withdrawal { get; init; }

    public LifecycleHooks Hooks { get; } = new(Runtime);
}

/// <summary>
/// Makes this machine agree with one pod: one loop per pod, so that its steps are in order and no other pod waits for
/// them. Whatever happens only wakes the loop, which looks at everything anew. Its other files: how containers are
/// started, observed, probed and stopped, and how the pod ends.
/// </summary>
internal sealed partial class PodWorker
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1), LongestRetry = TimeSpan.FromSeconds(30);

    /// <summary>No timer takes the whole of a long deadline.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly PodWorkerParts parts;
    private readonly Channel<Action> inbox = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private PodStatusWriter? statusWriter;
    private PodStatus? lastStatus;
    private Pod? pod;
    private bool forgotten;
    private volatile PodRecord record;
    private PodPlan? plan;
    private string? problem;
    private bool saved = true;
    private Pod? remembered;

    /// <param name="pod">Null for what is left of a pod that the API no longer has.</param>
    /// <param name="record">What adoption found; for a new pod an empty one.</param>
    public PodWorker(PodWorkerParts parts, Pod? pod, PodRecord record) => (this.parts, this.pod, this.record, forgotten) = (parts, pod, record, pod is null);

    public string Uid => record.Uid;

    public PodRecord Record => record;

    /// <summary>Null when it is gone from the API; it is ended then by what was known of it last.</summary>
    public void PodChanged(Pod? changed) => inbox.Writer.TryWrite(() => (pod, forgotten) = (changed ?? pod, changed is null));

    /// <summary>Ends the pod for a reason of the node's; the first one counts.</summary>
    public void Fail(PodFailure failure) => inbox.Writer.TryWrite(() => SetFailure(failure));

    /// <summary>Whether the container is one of this pod's. One that is being started counts as soon as it has been.</summary>
    public bool Owns(string containerId) => record.Containers.Any(container => container.Id == containerId);

    /// <summary>The pod's volumes are there now: containers that wait for them need not wait longer.</summary>
    public void VolumesMounted() => inbox.Writer.TryWrite(() =>
    {
        foreach (var (name, _) in waiting.Where(entry => entry.Value.Reason == ContainerStarter.VolumesMissing).ToList()) waiting.Remove(name);
    });

    /// <summary>Something may have happened to a container.</summary>
    public void Wake() => inbox.Writer.TryWrite(() => { });

    /// <summary>Ends when nothing is left of the pod, here and in the API, or on cancellation, which leaves its containers alone.</summary>
    public async Task Run(CancellationToken cancel)
    {
        var retry = FirstRetry;
        while (!cancel.IsCancellationRequested)
        {
            DateTime? wake;
            try
            {
                while (inbox.Reader.TryRead(out var action)) action();
                problem = null;
                wake = await Reconcile(cancel);
                if (!saved && !IsGone) wake = Sooner(wake, DateTime.UtcNow + FirstRetry);
                retry = FirstRetry;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                ReportProblem(e, retry);
                wake = DateTime.UtcNow + retry;
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
            catch (OperationCanceledException) { break; }
            if (IsGone) break;
            TryReportStatus(cancel);
            if (!await WaitForNews(wake, cancel)) break;
        }
        StopProbes(keep: []);
    }

    private void ReportProblem(Exception e, TimeSpan retry)
    {
        problem = e.Message;
        parts.Log($"pod {record.Namespace}/{record.Name}: {e.Message}; again in {retry.TotalSeconds:0} s");
        if (pod is null) return;
        if (IsEnding) parts.Events.Record(pod, null, "Warning", "FailedKillPod", $"error killing pod: {e.Message}");
        else if (record.Sandbox is null) parts.Events.Record(pod, null, "Warning", "FailedCreatePodSandBox", $"Failed to create pod sandbox: {e.Message}");
    }

    private async Task<bool> WaitForNews(DateTime? wake, CancellationToken cancel)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (wake is { } at && at - DateTime.UtcNow < LongestSleep) timer.CancelAfter(at > DateTime.UtcNow ? at - DateTime.UtcNow + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero);
        else timer.CancelAfter(LongestSleep);
        try { return await inbox.Reader.WaitToReadAsync(timer.Token); }
        catch (OperationCanceledException) { return !cancel.IsCancellationRequested; }
    }

    /// <returns>When to look again without being woken; null: only when woken.</returns>
    private async Task<DateTime?> Reconcile(CancellationToken cancel)
    {
        var observe = await ObserveContainers();
        ProbeContainers();
        if (forgotten || pod!.Metadata.DeletionTimestamp is not null) return Sooner(observe, await Terminate(cancel));
        if (!saved) Write();
        Remember(pod);
        if (WasOver) return null;
        if (IsEndedByOthers(pod)) SetFailure(new PodFailure(pod.Status!.Reason ?? "", pod.Status.Message ?? ""));
        var deadline = CheckDeadline(pod);
        if (record.Failure is null) await LookForSandbox();
        plan = PodPlan.Of(pod, record, DateTime.UtcNow);
        if (record.Failure is not null || plan.Over) return Sooner(observe, await Finish(cancel));
        await EnsureSandbox(cancel);
        return Sooner(Sooner(observe, deadline), Sooner(StartContainers(pod, plan), StopContainers(StopPlan.OfContainers(pod, record), inOrder: false)));
    }

    /// <summary>It was over before the machine was rebooted: what the API says of it stands.</summary>
    private bool WasOver => pod?.Status?.Phase is "Succeeded" or "Failed" && record.Containers.Count == 0 && record.Failure is null;

    private static DateTime? Sooner(DateTime? left, DateTime? right) => left is null || right < left ? right ?? left : left;

    /// <summary>
    /// What happened has happened, also where it cannot be written (a full disk): that is tried again, and keeps nothing
    /// from being done that follows from it, such as the signal after its record.
    /// </summary>
    private void Save(PodRecord changed)
    {
        (record, saved) = (changed, false);
        try { Write(); }
        catch (IOException e) { problem = e.Message; }
    }

    private void Write()
    {
        StateFile.Write(parts.Paths.PodRecord(record.Uid), record);
        saved = true;
    }

    /// <summary>For an agent that is started while the control plane is away.</summary>
    private void Remember(Pod pod)
    {
        if (!KnownPod.Differs(pod, remembered)) return;
        KnownPod.Write(parts.Paths, pod);
        remembered = pod;
    }

    /// <summary>A status that cannot be made must not end the loop: the pod would never be looked at again.</summary>
    private void TryReportStatus(CancellationToken cancel)
    {
        try { ReportStatus(cancel); }
        catch (Exception e) { parts.Log($"status of pod {record.Namespace}/{record.Name}: {e}"); }
    }

    private void ReportStatus(CancellationToken cancel)
    {
        if (pod is null || forgotten || WasOver) return;
        statusWriter ??= parts.StatusWriter(pod);
        var now = DateTime.UtcNow;
        var observed = new PodObservation(record, waiting, plan?.BackOff ?? new Dictionary<string, DateTime>(), problem, IsTerminal) { Now = now };
        var status = PodStatusOf.Compute(pod with { Status = PodStatusOf.Newest(pod.Status, lastStatus) }, observed, parts.HostAddress, now);
        lastStatus = status;
        statusWriter.Set(pod, status, cancel);
    }
}
