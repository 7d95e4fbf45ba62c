using KubeApi.Schema;

namespace ControlPlane.OpenApi;

/// <summary>A type of the API that is no record: its wire form is a text, a number or any JSON.</summary>
internal sealed record ScalarDefinition(string Name, string Type, string? Format, string Description)
{
    /// <summary>Types that may be a text or a number; OpenAPI 3 can say so.</summary>
    public IReadOnlyList<string> OneOf { get; init; } = [];

    private static readonly ScalarDefinition Time = new("io.k8s.apimachinery.pkg.apis.meta.v1.Time", "string", "date-time",
        "A moment, in RFC 3339 form with whole seconds, e.g. 2026-01-31T12:00:00Z.");

    private static readonly ScalarDefinition MicroTime = new("io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", "string", "date-time",
        "A moment, in RFC 3339 form with six digits of a second's fraction, e.g. 2026-01-31T12:00:00.000000Z.");

    private static readonly ScalarDefinition Quantity = new("io.k8s.apimachinery.pkg.api.resource.Quantity", "string", null,
        "An amount: a decimal number with an optional suffix, either binary (Ki, Mi, Gi, Ti, Pi, Ei) or decimal (n, u, m, k, M, G, T, P, E) or an exponent "
        + "(e3). Examples: 500m is half a CPU, 128Mi are 134217728 bytes. Written back in its shortest exact form.") { OneOf = ["string", "number"] };

    private static readonly ScalarDefinition IntOrString = new("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "string", "int-or-string",
        "An integer of 32 bits, or a text; what the text may be, e.g. a percentage or the name of a port, depends on the field.") { OneOf = ["integer", "string"] };

    private static readonly ScalarDefinition FieldsV1 = new("io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", "object", null,
        "A set of fields as a tree: keys are 'f:NAME' for a field, 'k:KEYS' for an item of a list found by its keys, 'v:VALUE' for an item of a set, "
        + "'i:INDEX' for an item found by its place, and '.' for the parent itself.");

    private static readonly ScalarDefinition RawExtension = new("io.k8s.apimachinery.pkg.runtime.RawExtension", "object", null,
        "Any JSON object; its kind decides what is in it.");

    /// <summary>What a patch may be; its form follows from the media type of the request.</summary>
    public static ScalarDefinition Patch { get; } = new("io.k8s.apimachinery.pkg.apis.meta.v1.Patch", "object", null,
        "A change of an object: a merge patch, a strategic merge patch, a JSON patch, or the wanted fields themselves (apply), as the media type says.");

    public static IReadOnlyList<ScalarDefinition> All { get; } = [Time, MicroTime, Quantity, IntOrString, FieldsV1, RawExtension, Patch];

    /// <summary>Null for plain strings, numbers, flags, objects, lists and maps.</summary>
    public static ScalarDefinition? Of(WireType type, string field) => type.Shape switch
    {
        WireShape.Time => Time,
        WireShape.MicroTime => MicroTime,
        WireShape.Quantity => Quantity,
        WireShape.IntOrString => IntOrString,
        WireShape.Any => field == "fieldsV1" ? FieldsV1 : RawExtension,
        _ => null,
    };
}
