using KubeApi.Objects;
using NodeAgent.Containers;

namespace NodeAgent.Kubelet;

/// <summary>How a pod gets its sandbox, and how its containers are started.</summary>
internal sealed partial class PodWorker
{
    private static readonly TimeSpan StartRetry = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, WaitingContainer> waiting = [];
    private readonly HashSet<string> starting = [];
    private readonly CancellationTokenSource starts = new();
    private bool sandboxChecked;

    /// <summary>Containers whose description lacked something may have it now.</summary>
    public void ReferencesChanged() => inbox.Writer.TryWrite(() =>
    {
        foreach (var (name, _) in waiting.Where(entry => entry.Value.Reason == "CreateContainerConfigError").ToList()) waiting.Remove(name);
    });

    /// <summary>Once per agent: namespaces that are gone take the containers in them along, and init containers run again in the next ones.</summary>
    private async Task LookForSandbox()
    {
        if (sandboxChecked || record.Sandbox is not { Removed: false } sandbox) return;
        if (!parts.Sandbox.Exists(record.Uid, pod?.Spec?.HostNetwork ?? sandbox.HostNetwork))
        {
            foreach (var container in record.Containers.Where(container => container.IsRunning).ToList())
                await End(container, new ExitRecord(137, "Error", "the pod's namespaces are gone", DateTime.UtcNow));
            Save(record with { Sandbox = null });
            Event("Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
        }
    }

    private async Task EnsureSandbox(CancellationToken cancel)
    {
        if (record.Sandbox is { Removed: false } && sandboxChecked) return;
        var sandbox = await parts.Sandbox.Create(pod!, cancel) with { Attempt = record.SandboxAttempt };
        sandboxChecked = true;
        if (sandbox != record.Sandbox) Save(record with { Sandbox = sandbox });
    }

    /// <returns>When the next container's turn comes; null: none waits for a time.</returns>
    private DateTime? StartContainers(Pod asked, PodPlan wanted)
    {
        var now = DateTime.UtcNow;
        foreach (var start in wanted.Start)
        {
            // A postStart hook keeps all containers waiting that come after its own.
            if (record.Containers.Any(container => container is { IsRunning: true, PostStartPending: true })) break;
            var name = start.Container.Name;
            if (!starting.Contains(name) && (!waiting.TryGetValue(name, out var hold) || hold.RetryAt <= now)) Launch(asked, start);
            if (starting.Contains(name) && start.Container.Lifecycle?.PostStart is not null) break;
        }
        var reworded = wanted.BackOff.Keys.Select(name => record.Container(name)).Where(container => container is { StartedAt: null, Exit: not null }).Select(container => container!.Exit!.FinishedAt + PodObservation.StartErrorShown);
        return wanted.BackOff.Values.Concat(waiting.Values.Select(hold => hold.RetryAt)).Concat(reworded).Where(at => at > now).Select(at => (DateTime?)at).Min();
    }

    /// <summary>Starts a container aside: a slow pull keeps neither the pod's other containers nor its end waiting.</summary>
    private void Launch(Pod asked, ContainerStart start)
    {
        starting.Add(start.Container.Name);
        asked = PodField.WithAddresses(asked, record.Sandbox?.Address, parts.HostAddress);
        var sandbox = record.SandboxAttempt;
        _ = Task.Run(async () =>
        {
            ContainerRecord? started = null;
            WaitingContainer? hold = null;
            try { started = await parts.Containers.Start(asked, start, starts.Token) with { Sandbox = sandbox }; }
            catch (ContainerStartException e) { hold = new WaitingContainer(e.Reason, e.Message, DateTime.UtcNow + StartRetry); }
            catch (OperationCanceledException) { }
            catch (Exception e) { hold = new WaitingContainer("CreateContainerError", e.Message, DateTime.UtcNow + StartRetry); }
            inbox.Writer.TryWrite(() => Launched(start.Container, started, hold));
        });
    }

    private void Launched(Container container, ContainerRecord? started, WaitingContainer? hold)
    {
        starting.Remove(container.Name);
        waiting.Remove(container.Name);
        if (hold is not null) waiting[container.Name] = hold;
        if (started is null) return;
        var hook = started.IsRunning ? container.Lifecycle?.PostStart : null;
        Save(record.With(started with { PostStartPending = hook is not null }));
        if (started is { StartedAt: null, Exit: { } exit }) TellBackOff(started, exit);
        if (hook is not null) RunHook(started, cancel => parts.Hooks.Run(hook, container, started.Id, record.Sandbox!.Address, cancel), error => PostStartDone(started, error));
    }

    /// <summary>A container whose hook failed is ended, and started again as if it had failed itself.</summary>
    private void PostStartDone(ContainerRecord started, string? error)
    {
        if (Current(started) is not { } container) return;
        Save(record.With(container with { PostStartPending = false }));
        if (error is null || IsEnding) return;
        parts.Log($"pod {record.Namespace}/{record.Name}: postStart hook of container {container.Name}: {error}");
        // The message may hold secrets, so it does not go into the event.
        Event("Warning", "FailedPostStartHook", "PostStartHook failed", container.Name);
        BeginStop(new StopRequest(container.Name, "FailedPostStartHook", StopPlan.Grace(pod!)));
    }

    /// <summary>The container's newest record while it runs; null once it has ended.</summary>
    private ContainerRecord? Current(ContainerRecord started) => record.Containers.FirstOrDefault(container => container.Id == started.Id && container.IsRunning);

    /// <param name="container">Null: about the pod as a whole.</param>
    private void Event(string type, string reason, string message, string? container = null)
    {
        if (pod is not null) parts.Events.Record(pod, container is null ? null : PodContainer.Find(pod, container)?.Container, type, reason, message);
    }
}
