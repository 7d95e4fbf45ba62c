using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Pure: whether a container that ended is started again.</summary>
internal static class ContainerRestart
{
    /// <summary>
    /// A sidecar always, an ephemeral container never. Others by their own restartPolicyRules and restartPolicy
    /// (KEP-5307), else by the pod's; of an init container Always means until it has succeeded.
    /// </summary>
    public static bool Is(Pod pod, PodContainer container, ExitRecord exit) => container.Kind switch
    {
        ContainerKind.Sidecar => true,
        ContainerKind.Ephemeral => false,
        _ when (container.Container.RestartPolicyRules ?? []).Any(rule => rule.Action == "Restart" && Fits(rule.ExitCodes, exit.ExitCode)) => true,
        _ => (container.Container.RestartPolicy ?? pod.Spec!.RestartPolicy) switch
        {
            "Never" => false,
            "OnFailure" => exit.ExitCode != 0,
            _ => container.Kind == ContainerKind.Regular || exit.ExitCode != 0,
        },
    };

    private static bool Fits(ContainerRestartRuleOnExitCodes? codes, int code) => codes is not null && codes.Operator switch
    {
        "In" => (codes.Values ?? []).Contains(code),
        "NotIn" => !(codes.Values ?? []).Contains(code),
        _ => false,
    };
}
