using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApi;

/// <summary>
/// An amount of a resource: <c>500m</c>, <c>1Gi</c>, <c>0.5</c>, <c>2e3</c> (k8s.io/apimachinery resource.Quantity).
/// Exact down to a billionth; written in canonical form: an integer with the largest suffix that loses nothing.
/// </summary>
[JsonConverter(typeof(Converter))]
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    private enum Notation { Decimal, Binary, Exponent }

    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly BigInteger Billion = 1_000_000_000;

    /// <summary>Characters; to read and write a number takes time by the square of its digits.</summary>
    private const int Longest = 1000;

    private readonly BigInteger nanos;
    private readonly Notation notation;

    private Quantity(BigInteger nanos, Notation notation) => (this.nanos, this.notation) = (nanos, notation);

    /// <summary>The value rounded up to a whole number, as Kubernetes does for bytes and counts.</summary>
    public long Value => Saturated(BigInteger.Divide(nanos + (nanos.Sign > 0 ? Billion - 1 : 0), Billion));

    /// <summary>Thousandths, rounded up: the unit of CPU.</summary>
    public long MilliValue => Saturated(BigInteger.Divide(nanos + (nanos.Sign > 0 ? 999_999 : 0), 1_000_000));

    public static Quantity OfValue(long value) => new(value * Billion, Notation.Decimal);

    /// <summary>A number of bytes, written with binary suffixes.</summary>
    public static Quantity OfBytes(long bytes) => new(bytes * Billion, Notation.Binary);

    /// <exception cref="FormatException">The text is no quantity.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity) ? quantity
        : throw new FormatException("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");

    public static bool TryParse(string text, out Quantity quantity)
    {
        quantity = default;
        if (text.Length > Longest) return false;
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.' || end == 0 && text[end] is '+' or '-')) end++;
        if (!TryParseNumber(text[..end], out var digits, out var fractionDigits)) return false;
        if (!TryParseSuffix(text[end..], out var scale, out var notation)) return false;
        var denominator = BigInteger.Pow(10, fractionDigits) * scale.Denominator;
        var numerator = digits * scale.Numerator * Billion;
        var nanos = BigInteger.DivRem(numerator, denominator, out var rest);
        quantity = new Quantity(nanos + (rest.IsZero ? 0 : rest.Sign), notation); // what is below a billionth rounds up, away from zero
        return true;
    }

    private static long Saturated(BigInteger value) => value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;

    private static bool TryParseNumber(string text, out BigInteger digits, out int fractionDigits)
    {
        var dot = text.IndexOf('.');
        fractionDigits = dot < 0 ? 0 : text.Length - dot - 1;
        var whole = dot < 0 ? text : text.Remove(dot, 1);
        return BigInteger.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out digits);
    }

    private static bool TryParseSuffix(string suffix, out (BigInteger Numerator, BigInteger Denominator) scale, out Notation notation)
    {
        (scale, notation) = ((1, 1), Notation.Decimal);
        if (Array.IndexOf(BinarySuffixes, suffix) is > 0 and var binary)
        {
            (scale, notation) = ((BigInteger.Pow(1024, binary), 1), Notation.Binary);
            return true;
        }
        if (Array.IndexOf(DecimalSuffixes, suffix) is >= 0 and var thousands)
        {
            scale = Power(3 * (thousands - 3));
            return true;
        }
        if (suffix[0] is not ('e' or 'E') || !int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            || exponent is < -100 or > 100) return false;
        (scale, notation) = (Power(exponent), Notation.Exponent);
        return true;
    }

    private static (BigInteger, BigInteger) Power(int ten) =>
        ten >= 0 ? (BigInteger.Pow(10, ten), BigInteger.One) : (BigInteger.One, BigInteger.Pow(10, -ten));

    public override string ToString()
    {
        if (nanos.IsZero) return "0";
        if (notation == Notation.Binary && (nanos % Billion).IsZero && BigInteger.Abs(nanos) >= 1024 * Billion)
        {
            var value = nanos / Billion;
            var step = 0;
            for (; step < BinarySuffixes.Length - 1 && (value % 1024).IsZero; step++) value /= 1024;
            return value + BinarySuffixes[step];
        }
        var mantissa = nanos;
        var thousands = 0;
        for (; thousands < DecimalSuffixes.Length - 1 && (mantissa % 1000).IsZero; thousands++) mantissa /= 1000;
        var exponent = 3 * (thousands - 3);
        return notation == Notation.Exponent && exponent != 0 ? $"{mantissa}e{exponent}" : mantissa + DecimalSuffixes[thousands];
    }

    public static Quantity operator +(Quantity a, Quantity b) => new(a.nanos + b.nanos, a.notation);
    public static Quantity operator -(Quantity a, Quantity b) => new(a.nanos - b.nanos, a.notation);
    public int CompareTo(Quantity other) => nanos.CompareTo(other.nanos);
    public bool Equals(Quantity other) => nanos == other.nanos;
    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);
    public override int GetHashCode() => nanos.GetHashCode();

    private sealed class Converter : JsonConverter<Quantity>
    {
        public override Quantity Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            var text = reader.TokenType == JsonTokenType.Number
                ? System.Text.Encoding.UTF8.GetString(reader.ValueSpan) : reader.GetString()!;
            try { return Parse(text); }
            catch (FormatException e) { throw new JsonException(e.Message); }
        }

        public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
