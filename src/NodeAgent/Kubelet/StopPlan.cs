using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>A container that must end.</summary>
/// <param name="Message">Of its Killing event.</param>
internal sealed record StopRequest(string Name, string Message, TimeSpan Grace);

/// <summary>What is to be done now with a container that is being ended.</summary>
internal enum StopStep { Wait, Signal, Kill }

/// <summary>Pure: which containers are ended, in which order and when (kubelet, pkg/kubelet/kuberuntime killContainer, termination_order.go).</summary>
internal static class StopPlan
{
    /// <summary>What a container gets at least between its stop signal and SIGKILL.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    /// <summary>How often a killed container is looked at until it is gone.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(30);

    public static TimeSpan Grace(Pod pod) => pod.Spec!.TerminationGracePeriodSeconds is { } seconds ? Grace(seconds) : DefaultGrace;

    /// <summary>The API takes any number; no date is that late.</summary>
    public static TimeSpan Grace(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue));

    /// <summary>Because the whole pod ends.</summary>
    public static IReadOnlyList<StopRequest> OfPod(PodRecord record, TimeSpan grace) =>
        [.. record.Containers.Where(container => container.IsRunning).Select(container => new StopRequest(container.Name, $"Stopping container {container.Name}", grace))];

    /// <summary>Because of themselves: a probe has failed, or the pod's entry names another image now.</summary>
    public static IReadOnlyList<StopRequest> OfContainers(Pod pod, PodRecord record) =>
        [.. record.Containers.Where(container => container is { IsRunning: true, PostStartPending: false }).Select(container => OfContainer(pod, container)).OfType<StopRequest>()];

    private static StopRequest? OfContainer(Pod pod, ContainerRecord running)
    {
        if (PodContainer.Find(pod, running.Name) is not { } container) return null;
        if (running.AskedImage is { } image && image != container.Container.Image)
            return new StopRequest(running.Name, $"Container {running.Name} definition changed, will be restarted", Grace(pod));
        if (running.Health.Failed is not { } failed) return null;
        var again = ContainerRestart.Is(pod, container, new ExitRecord(137, "Error", null, default)) ? ", will be restarted" : "";
        var grace = failed.GracePeriodSeconds is { } seconds ? Grace(seconds) : Grace(pod);
        return new StopRequest(running.Name, $"Container {running.Name} failed {failed.Kind} probe{again}", grace);
    }

    /// <summary>A sidecar's turn comes when all regular containers and the sidecars after it have ended; everybody else's is now.</summary>
    public static bool IsTurn(Pod pod, PodRecord record, string name)
    {
        var sidecars = PodContainer.Init(pod).Where(container => container.Kind == ContainerKind.Sidecar).Select(container => container.Name).ToList();
        var place = sidecars.IndexOf(name);
        return place < 0 || !PodContainer.Regular(pod).Select(container => container.Name).Concat(sidecars.Skip(place + 1)).Any(other => record.Container(other) is { IsRunning: true });
    }

    /// <summary>The end of a container that nobody wanted to end before; or, where there is less time now, an earlier one.</summary>
    public static ContainerStop Begin(ContainerStop? before, TimeSpan grace, bool hasPreStop, DateTime now)
    {
        if (before is null) return new ContainerStop(now, now + grace, grace, hasPreStop && grace > TimeSpan.Zero ? HookState.Running : HookState.Done);
        if (grace >= before.Grace) return before;
        var deadline = now + (before.SignalledAt is not null && grace < Least ? Least : grace);
        return before with { Grace = grace, Deadline = deadline < before.Deadline ? deadline : before.Deadline };
    }

    /// <returns>The step, and when to look again.</returns>
    public static (StopStep Step, DateTime Wake) Next(ContainerStop stop, bool isTurn, DateTime now)
    {
        if (stop.KilledAt is not null) return (StopStep.Wait, now + Look);
        if (stop.SignalledAt is null && (now >= stop.Deadline || stop.PreStop == HookState.Done && isTurn)) return (StopStep.Signal, Signalled(stop, now).Deadline);
        return stop.SignalledAt is not null && now >= stop.Deadline ? (StopStep.Kill, now + Look) : (StopStep.Wait, stop.Deadline);
    }

    public static ContainerStop Signalled(ContainerStop stop, DateTime now) =>
        stop with { SignalledAt = now, Deadline = stop.Deadline > now + Least ? stop.Deadline : now + Least };
}
