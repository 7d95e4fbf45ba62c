using ControlPlane.Registry.Pods;
using KubeApi.Objects;

namespace ControlPlane.Registry.Validation;

/// <summary>Rules that the kinds share that make pods of a template.</summary>
internal static class WorkloadValidation
{
    public static void NotNegative(string path, int? value, FieldErrors errors)
    {
        if (value is { } number) errors.Check(path, number, Names.NotNegative(number));
    }

    /// <summary>The template of a kind whose pods restart always and have no deadline.</summary>
    /// <param name="kind">As Kubernetes names the kind in the one message that does.</param>
    public static void Template(PodTemplateSpec? template, string kind, FieldErrors errors)
    {
        const string path = "spec.template";
        PodTemplate(template, path, errors);
        if (template?.Spec is not { } spec) return;
        if (spec.RestartPolicy is "OnFailure" or "Never") errors.NotSupported($"{path}.spec.restartPolicy", spec.RestartPolicy, ["Always"]);
        if (spec.ActiveDeadlineSeconds is not null) errors.Forbidden($"{path}.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {kind} is not Supported");
    }

    /// <summary>What holds for every template.</summary>
    public static void PodTemplate(PodTemplateSpec? template, string path, FieldErrors errors)
    {
        if (template is null)
        {
            errors.Required(path);
            return;
        }
        ObjectMetaValidation.Labels(template.Metadata?.Labels, $"{path}.labels", errors);
        ObjectMetaValidation.Annotations(template.Metadata?.Annotations, $"{path}.annotations", errors);
        var spec = template.Spec ?? new PodSpec();
        PodSpecValidation.Validate(spec, $"{path}.spec", errors);
        if (spec.EphemeralContainers is { Count: > 0 }) errors.Forbidden($"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
    }
}
