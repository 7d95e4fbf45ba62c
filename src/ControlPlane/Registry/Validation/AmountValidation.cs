using System.Text.RegularExpressions;
using KubeApi;

namespace ControlPlane.Registry.Validation;

/// <summary>Rules for amounts that are a number or a percentage of a whole: surge, unavailability, disruption budgets.</summary>
internal static partial class AmountValidation
{
    /// <summary>Says whether it is an amount at all; absent is fine.</summary>
    public static bool Validate(string path, IntOrString? amount, FieldErrors errors)
    {
        var problem = amount switch
        {
            { IsNumber: true, Number: < 0 } => "must be greater than or equal to 0",
            { Text: { } text } when !Percent().IsMatch(text) =>
                "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
            _ => null,
        };
        errors.Check(path, amount, problem);
        return problem is null;
    }

    /// <summary>For an amount that <see cref="Validate"/> has accepted.</summary>
    public static void NotMoreThanAll(string path, IntOrString? amount, FieldErrors errors)
    {
        if (amount is { IsNumber: false } percent && percent.Scale(100, roundUp: true) > 100) errors.Invalid(path, amount, "must not be greater than 100%");
    }

    public static bool IsZero(IntOrString? amount) => amount is null || amount.Value.Scale(100, roundUp: true) == 0;

    [GeneratedRegex(@"\A[0-9]{1,9}%\z")] private static partial Regex Percent();
}
