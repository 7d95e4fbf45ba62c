using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Something that is done with every kind, each with its own type: see <see cref="KindRegistry.With"/>.</summary>
internal interface IKindAction<out TResult>
{
    TResult Run<T>() where T : KubeObject;
}
