using KubeApi.Defaults;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>What an ephemeral container means where it is silent.</summary>
internal static class EphemeralContainerDefaults
{
    public static EphemeralContainer Apply(EphemeralContainer container)
    {
        var common = ContainerDefaults.Apply(new Container
        {
            Name = container.Name, Image = container.Image, ImagePullPolicy = container.ImagePullPolicy, Env = container.Env,
            TerminationMessagePath = container.TerminationMessagePath, TerminationMessagePolicy = container.TerminationMessagePolicy,
        }, hostNetwork: false);
        return container with
        {
            ImagePullPolicy = common.ImagePullPolicy, Env = common.Env, Resources = container.Resources ?? new ResourceRequirements(),
            TerminationMessagePath = common.TerminationMessagePath, TerminationMessagePolicy = common.TerminationMessagePolicy,
        };
    }
}
