using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>The older path of a pod's binding: POST to <c>bindings</c> with the pod's name in the body.</summary>
internal sealed class BindingRegistry : VirtualKindRegistry<Binding>;
