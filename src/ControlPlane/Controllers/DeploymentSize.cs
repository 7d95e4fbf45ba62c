using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>How many pods a Deployment wants, how many more there may be and how many of them may be missing while it changes.</summary>
internal readonly record struct DeploymentSize(int Replicas, int MaxSurge, int MaxUnavailable)
{
    /// <summary>Surge rounds up and unavailability down; both zero would stand still, then one may be missing.</summary>
    public static DeploymentSize Of(Deployment deployment)
    {
        var replicas = deployment.Spec?.Replicas ?? 1;
        if (IsRecreate(deployment)) return new DeploymentSize(replicas, 0, 0);
        var rolling = deployment.Spec?.Strategy?.RollingUpdate;
        var surge = (rolling?.MaxSurge ?? "25%").Scale(replicas, roundUp: true);
        var unavailable = (rolling?.MaxUnavailable ?? "25%").Scale(replicas, roundUp: false);
        if (surge == 0 && unavailable == 0) unavailable = 1;
        return new DeploymentSize(replicas, surge, Math.Min(unavailable, replicas));
    }

    public static bool IsRecreate(Deployment deployment) => deployment.Spec?.Strategy?.Type == "Recreate";
}
