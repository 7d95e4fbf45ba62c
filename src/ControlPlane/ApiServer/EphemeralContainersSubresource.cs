using ControlPlane.Registry;
using ControlPlane.Registry.Pods;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary><c>pods/NAME/ephemeralcontainers</c>: adds containers for debugging to a pod, and changes nothing else of it (KEP-277).</summary>
internal static class EphemeralContainersSubresource
{
    /// <exception cref="StatusException">422: what is there already is changed or taken away, or what is added is wrong.</exception>
    public static Pod With(Pod current, Pod wanted)
    {
        var before = current.Spec ?? new PodSpec();
        var containers = wanted.Spec?.EphemeralContainers?.Select(EphemeralContainerDefaults.Apply).ToList();
        var changed = current with { Metadata = current.Metadata with { Uid = wanted.Metadata.Uid }, Spec = before with { EphemeralContainers = containers } };
        var errors = new FieldErrors();
        EphemeralContainerValidation.Validate(before, changed.Spec!, Same, errors);
        return errors.Any ? throw StatusException.Invalid(Resource.Of<Pod>(), current.Name, errors.Causes) : changed;
    }

    private static bool Same(object? left, object? right) => KubeJson.Serialize(left!).AsSpan().SequenceEqual(KubeJson.Serialize(right!));
}
