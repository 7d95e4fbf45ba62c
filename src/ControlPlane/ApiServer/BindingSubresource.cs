using ControlPlane.Registry.Validation;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>POST of a Binding to <c>pods/NAME/binding</c> or <c>bindings</c>: puts a pod on a node, once.</summary>
internal static class BindingSubresource
{
    /// <exception cref="StatusException">The pod is not there, is going, or has a node already.</exception>
    public static async Task Handle(ApiRequest request, ObjectWriter writer)
    {
        var binding = await RequestBody.ReadObject<Binding>(request, typeof(Binding));
        var name = request.Name.Length > 0 ? request.Name : binding.Name;
        if (binding.Name != name) throw StatusException.BadRequest($"the name of the object ({binding.Name}) does not match the name on the URL ({name})");
        Validate(binding, name);
        var key = new StoreKey(Resource.Of<Pod>().QualifiedName, request.Namespace, name);
        await writer.Update(request, key, WritePart.Server, binding.Metadata.ResourceVersion, pod => Bind((Pod)pod, binding));
        await Answer.Success(request.Http, 201, null);
    }

    private static void Validate(Binding binding, string name)
    {
        var errors = new Registry.FieldErrors();
        if (binding.Target.Kind is { Length: > 0 } kind and not "Node") errors.NotSupported("target.kind", kind, ["Node", "<empty>"]);
        if (string.IsNullOrEmpty(binding.Target.Name)) errors.Required("target.name");
        ObjectMetaValidation.Annotations(binding.Metadata.Annotations, "metadata.annotations", errors);
        if (errors.Any) throw StatusException.Invalid(Resource.Of<Binding>(), name, errors.Causes);
    }

    /// <summary>What the one who chose the node wants to tell of it.</summary>
    private static Dictionary<string, string> Annotated(IReadOnlyDictionary<string, string>? annotations, IReadOnlyDictionary<string, string> more)
    {
        var all = new Dictionary<string, string>(annotations ?? new Dictionary<string, string>());
        foreach (var (key, value) in more) all[key] = value;
        return all;
    }

    private static Pod Bind(Pod pod, Binding binding)
    {
        var resource = Resource.Of<Pod>();
        if (!string.IsNullOrEmpty(binding.Metadata.Uid) && binding.Metadata.Uid != pod.Metadata.Uid)
            throw StatusException.Conflict(resource, pod.Name, $"the UID in the precondition ({binding.Metadata.Uid}) does not match the UID in record ({pod.Metadata.Uid}). The object might have been deleted and then recreated");
        if (pod.Metadata.DeletionTimestamp is not null)
            throw StatusException.Conflict(resource, pod.Name, $"pod {pod.Name} is being deleted, cannot be assigned to a host");
        if (!string.IsNullOrEmpty(pod.Spec?.NodeName))
            throw StatusException.Conflict(resource, pod.Name, $"pod {pod.Name} is already assigned to node \"{pod.Spec.NodeName}\"");
        if (pod.Spec?.SchedulingGates is { Count: > 0 })
            throw StatusException.Conflict(resource, pod.Name, $"pod {pod.Name} has non-empty .spec.schedulingGates");
        var conditions = (pod.Status?.Conditions ?? []).Where(condition => condition.Type != "PodScheduled")
            .Append(new PodCondition { Type = "PodScheduled", Status = "True", LastTransitionTime = DateTime.UtcNow }).ToList();
        return pod with
        {
            Metadata = binding.Metadata.Annotations is { Count: > 0 } ? pod.Metadata with { Annotations = Annotated(pod.Metadata.Annotations, binding.Metadata.Annotations) } : pod.Metadata,
            Spec = (pod.Spec ?? new PodSpec()) with { NodeName = binding.Target.Name },
            Status = (pod.Status ?? new PodStatus()) with { Conditions = conditions },
        };
    }
}
