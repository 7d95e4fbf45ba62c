using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Collects what is wrong with an object, in Kubernetes' words; becomes the causes of a 422 Invalid.</summary>
internal sealed class FieldErrors
{
    private readonly List<StatusCause> causes = [];

    public IReadOnlyList<StatusCause> Causes => causes;

    public bool Any => causes.Count > 0;

    /// <summary><c>Required value</c>, optionally with what is missing.</summary>
    public void Required(string field, string detail = "") =>
        Add("FieldValueRequired", field, "Required value" + (detail.Length > 0 ? ": " + detail : ""));

    public void Invalid(string field, object? value, string detail) =>
        Add("FieldValueInvalid", field, $"Invalid value: {Show(value)}: {detail}");

    public void Duplicate(string field, object? value) => Add("FieldValueDuplicate", field, $"Duplicate value: {Show(value)}");

    public void Forbidden(string field, string detail) => Add("FieldValueForbidden", field, "Forbidden: " + detail);

    public void NotSupported(string field, string? value, IEnumerable<string> supported) => Add("FieldValueNotSupported", field,
        $"Unsupported value: \"{value}\": supported values: {string.Join(", ", supported.Select(v => $"\"{v}\""))}");

    /// <summary>A field that only makes sense when something else holds, e.g. after an allocation clash.</summary>
    public void Add(string reason, string field, string message) => causes.Add(new StatusCause { Reason = reason, Field = field, Message = message });

    private static string Show(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        int or long or KubeApi.IntOrString { IsNumber: true } => value.ToString()!,
        KubeApi.IntOrString text => $"\"{text}\"",
        _ => System.Text.Encoding.UTF8.GetString(KubeApi.KubeJson.Serialize(value)),
    };
}
