namespace ControlPlane.Controllers;

/// <summary>When a node counts as lost. Why these defaults: the README, "Lost nodes".</summary>
internal sealed record NodeMonitorOptions
{
    /// <summary>
    /// How often nodes that are not well are looked at, whether or not anything is heard of them (kube-controller-manager --node-monitor-period).
    /// What is heard counts at once, and so does silence when it has lasted long enough.
    /// </summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A node that says nothing for so long is lost, or for as long as its own lease says, if that is longer (--node-monitor-grace-period).</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a node may say nothing from when the control plane or the node has started (--node-startup-grace-period).</summary>
    public TimeSpan StartupGracePeriod { get; init; } = TimeSpan.FromSeconds(30);
}
