using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Collects what is wrong with an object, in Kubernetes' words; becomes the causes of a 422 Invalid.</summary>
internal sealed class FieldErrors
{
    /// <summary>An answer is not to be many times as long as what was sent: the faults after these are not told.</summary>
    private const int Most = 1000;

    private readonly List<StatusCause> causes = [];

    public IReadOnlyList<StatusCause> Causes => causes;

    public bool Any => causes.Count > 0;

    /// <summary><c>Required value</c>, optionally with what is missing.</summary>
    public void Required(string field, string detail = "") =>
        Add("FieldValueRequired", field, "Required value" + (detail.Length > 0 ? ": " + detail : ""));

    public void Invalid(string field, object? value, string detail) =>
        Add("FieldValueInvalid", field, $"Invalid value: {Show(value)}: {detail}");

    /// <summary>An invalid value where a rule names a problem; nothing where it names none.</summary>
    public void Check(string field, object? value, string? problem)
    {
        if (problem is not null) Invalid(field, value, problem);
    }

    public void Duplicate(string field, object? value) => Add("FieldValueDuplicate", field, $"Duplicate value: {Show(value)}");

    public void NotFound(string field, object? value) => Add("FieldValueNotFound", field, $"Not found: {Show(value)}");

    public void Forbidden(string field, string detail) => Add("FieldValueForbidden", field, "Forbidden: " + detail);

    public void TooLong(string field, int maxBytes) =>
        Add("FieldValueTooLong", field, $"Too long: may not be more than {maxBytes} bytes");

    public void TooMany(string field, int count, int max) =>
        Add("FieldValueTooMany", field, $"Too many: {count}: must have at most {max} items");

    /// <summary>The value must be one of those listed; an absent one is required.</summary>
    public void OneOf(string field, string? value, params IReadOnlyList<string> supported)
    {
        if (string.IsNullOrEmpty(value)) Required(field);
        else if (!supported.Contains(value)) NotSupported(field, value, supported);
    }

    public void NotSupported(string field, string? value, IEnumerable<string> supported) => Add("FieldValueNotSupported", field,
        $"Unsupported value: {GoText.Quote(value ?? "")}: supported values: {string.Join(", ", supported.Order(StringComparer.Ordinal).Select(v => $"\"{v}\""))}");

    /// <summary>A field that only makes sense when something else holds, e.g. after an allocation clash.</summary>
    public void Add(string reason, string field, string message)
    {
        if (causes.Count < Most) causes.Add(new StatusCause { Reason = reason, Field = field, Message = message });
    }

    private static string Show(object? value) => value switch
    {
        null => "\"null\"", // Kubernetes quotes it
        string text => GoText.Quote(text),
        bool flag => flag ? "true" : "false",
        int or long or IntOrString { IsNumber: true } => value.ToString()!,
        IntOrString text => $"\"{text}\"",
        Quantity quantity => $"\"{quantity}\"",
        _ => System.Text.Encoding.UTF8.GetString(KubeJson.Serialize(value)),
    };
}
