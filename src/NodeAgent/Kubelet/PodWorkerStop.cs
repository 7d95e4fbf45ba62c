using KubeApi.Objects;
using Linux;

namespace NodeAgent.Kubelet;

/// <summary>How containers are ended: preStop hook, stop signal, SIGKILL; each step is in the record before it is taken.</summary>
internal sealed partial class PodWorker
{
    /// <summary>A killed process is gone at once, if the kernel lets it go.</summary>
    private static readonly TimeSpan KillWait = TimeSpan.FromSeconds(1);

    /// <summary>Hooks at work in this agent, by the container's id.</summary>
    private readonly Dictionary<string, (CancellationTokenSource Cancel, Task Task)> hooks = [];

    /// <summary>Begins the end of the containers asked for, and takes the next step of all that are being ended.</summary>
    /// <param name="inOrder">Sidecars wait for the containers that they serve.</param>
    /// <param name="hold">No stop signal before that; null: at once.</param>
    /// <returns>When to take another step.</returns>
    private DateTime? StopContainers(IReadOnlyList<StopRequest> requests, bool inOrder, DateTime? hold = null)
    {
        foreach (var request in requests) BeginStop(request);
        var wake = hold;
        foreach (var container in record.Containers.Where(container => container is { IsRunning: true, Stop: not null }).ToList())
            wake = Sooner(wake, AdvanceStop(container, isTurn: hold is null && (!inOrder || pod is null || StopPlan.IsTurn(pod, record, container.Name))));
        return wake;
    }

    private void BeginStop(StopRequest request)
    {
        var container = record.Container(request.Name)!;
        var preStop = pod is null ? null : PodContainer.Find(pod, request.Name)?.Container.Lifecycle?.PreStop;
        var stop = StopPlan.Begin(container.Stop, request.Grace, preStop is not null, DateTime.UtcNow);
        if (stop == container.Stop) return;
        var first = container.Stop is null;
        if (first) _ = StopHook(container.Id); // its postStart hook
        Save(record.With(container with { Stop = stop, PostStartPending = false }));
        if (!first) return;
        Event("Normal", "Killing", request.Message, request.Name);
        if (stop.PreStop == HookState.Running) RunPreStop(container, cancel => parts.Hooks.Run(preStop!, Entry(container), container.Id, Address, cancel));
    }

    private DateTime? AdvanceStop(ContainerRecord container, bool isTurn)
    {
        var stop = container.Stop!;
        if (stop.PreStop == HookState.Running && stop.SignalledAt is null && !hooks.ContainsKey(container.Id)) ResumePreStop(container, stop);
        var (step, wake) = StopPlan.Next(stop, isTurn, DateTime.UtcNow);
        switch (step)
        {
            case StopStep.Signal:
                Save(record.With(container with { Stop = StopPlan.Signalled(stop, DateTime.UtcNow) }));
                container.Process?.Signal(container.StopSignal);
                break;
            case StopStep.Kill:
                Save(record.With(container with { Stop = stop with { KilledAt = DateTime.UtcNow } }));
                container.Process?.Kill();
                break;
            case StopStep.Wait when stop.KilledAt < DateTime.UtcNow - KillWait && container.Process is { IsAlive: true } process:
                problem = $"container {container.Name}: process {ProcessDescription.Of(process.Pid)}, has not ended since SIGKILL";
                break;
        }
        return wake;
    }

    /// <summary>An earlier agent began it. Without the pod's own words nobody can go on with it.</summary>
    private void ResumePreStop(ContainerRecord container, ContainerStop stop)
    {
        var hook = pod is null ? null : PodContainer.Find(pod, container.Name)?.Container.Lifecycle?.PreStop;
        if (hook is null) Save(record.With(container with { Stop = stop with { PreStop = HookState.Done } }));
        else RunPreStop(container, cancel => parts.Hooks.Resume(hook, Entry(container), container.Id, Address, stop.Since, cancel));
    }

    private void RunPreStop(ContainerRecord container, Func<CancellationToken, Task> run) => RunHook(container, run, error =>
    {
        if (Current(container) is not { Stop: { } stop } current) return;
        Save(record.With(current with { Stop = stop with { PreStop = HookState.Done } }));
        if (error is null) return;
        parts.Log($"pod {record.Namespace}/{record.Name}: preStop hook of container {container.Name}: {error}");
        Event("Warning", "FailedPreStopHook", "PreStopHook failed", container.Name);
    });

    /// <summary>
    /// Runs a hook aside; <paramref name="done"/> gets null, or why it failed, in this pod's loop. The agent's end does not
    /// cancel it: a command goes on, and the successor waits for it.
    /// </summary>
    private void RunHook(ContainerRecord container, Func<CancellationToken, Task> run, Action<string?> done)
    {
        var cancel = new CancellationTokenSource();
        hooks[container.Id] = (cancel, Task.Run(async () =>
        {
            string? error = null;
            try { await run(cancel.Token); }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { return; }
            catch (Exception e) { error = e.Message; }
            inbox.Writer.TryWrite(() =>
            {
                if (hooks.TryGetValue(container.Id, out var hook) && hook.Cancel == cancel) hooks.Remove(container.Id);
                done(error);
            });
        }));
    }

    /// <summary>The container is gone, or is to go: its hook has lost its purpose.</summary>
    private async Task StopHook(string id)
    {
        if (!hooks.Remove(id, out var hook)) return;
        await hook.Cancel.CancelAsync();
        await hook.Task;
    }

    private Container Entry(ContainerRecord container) => PodContainer.Find(pod!, container.Name)!.Container;

    private string Address => record.Sandbox?.Address ?? "";
}
