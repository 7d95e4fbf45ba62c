using System.Text.Json;
using KubeApi;

namespace UnitTests.KubeApi;

public class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.5", "500m")]
    [InlineData(".5", "500m")]
    [InlineData("1.", "1")]
    [InlineData("+1", "1")]
    [InlineData("-1500m", "-1500m")]
    [InlineData("1000m", "1")]
    [InlineData("1000", "1k")]
    [InlineData("1024", "1024")]
    [InlineData("1024Ki", "1Mi")]
    [InlineData("1536Mi", "1536Mi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("0.1Gi", "107374182400m")]
    [InlineData("512", "512")]
    [InlineData("0Ki", "0")]
    [InlineData("1e3", "1e3")]
    [InlineData("12E", "12E")]
    [InlineData("1E3", "1e3")]
    [InlineData("1500e-3", "1500e-3")]
    [InlineData("0.0000000001", "1n")]
    [InlineData("100M", "100M")]
    public void A_quantity_is_written_in_canonical_form(string text, string canonical)
    {
        Assert.Equal(canonical, Quantity.Parse(text).ToString());
        Assert.Equal(canonical, Quantity.Parse(canonical).ToString());
        Assert.Equal(Quantity.Parse(text), Quantity.Parse(canonical));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("abc")]
    [InlineData("1 Gi")]
    [InlineData("1gi")]
    [InlineData("1K")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("1-")]
    [InlineData(".")]
    [InlineData("1e")]
    [InlineData("1e999")]
    [InlineData("Gi")]
    public void Text_that_is_no_quantity_is_refused(string text)
    {
        Assert.False(Quantity.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Quantity.Parse(text));
    }

    [Theory]
    [InlineData("100m", 1, 100)]
    [InlineData("2", 2, 2000)]
    [InlineData("1Ki", 1024, 1024000)]
    [InlineData("1u", 1, 1)]
    [InlineData("1001m", 2, 1001)]
    public void Values_round_up(string text, long value, long milli)
    {
        Assert.Equal(value, Quantity.Parse(text).Value);
        Assert.Equal(milli, Quantity.Parse(text).MilliValue);
    }

    [Fact]
    public void What_no_number_can_hold_is_the_largest_one()
    {
        Assert.Equal(long.MaxValue, Quantity.Parse("1e30").Value);
        Assert.Equal(long.MaxValue, Quantity.Parse("9E").MilliValue);
        Assert.Equal(long.MinValue, Quantity.Parse("-1e30").Value);
    }

    [Fact]
    public void Quantities_compare_by_amount_and_add_up()
    {
        Assert.Equal(Quantity.Parse("1Gi"), Quantity.Parse("1024Mi"));
        Assert.Equal(Quantity.Parse("1Gi").GetHashCode(), Quantity.Parse("1024Mi").GetHashCode());
        Assert.True(Quantity.Parse("1G").CompareTo(Quantity.Parse("1Gi")) < 0);
        Assert.Equal("1500m", (Quantity.Parse("1") + Quantity.Parse("500m")).ToString());
        Assert.Equal("-1", (Quantity.Parse("1") - Quantity.Parse("2")).ToString());
        Assert.Equal("3Gi", (Quantity.OfBytes(1L << 30) + Quantity.Parse("2Gi")).ToString());
        Assert.Equal("110", Quantity.OfValue(110).ToString());
    }

    [Fact]
    public void Json_takes_numbers_and_texts_and_writes_texts()
    {
        Assert.Equal("\"2\"", JsonSerializer.Serialize(JsonSerializer.Deserialize<Quantity>("2", KubeJson.Options), KubeJson.Options));
        Assert.Equal("\"500m\"", JsonSerializer.Serialize(JsonSerializer.Deserialize<Quantity>("\"0.5\"", KubeJson.Options), KubeJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Quantity>("\"lots\"", KubeJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Quantity>("true", KubeJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Quantity>("{}", KubeJson.Options));
    }
}
