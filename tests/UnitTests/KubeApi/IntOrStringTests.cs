using System.Text.Json;
using KubeApi;

namespace UnitTests.KubeApi;

public class IntOrStringTests
{
    [Theory]
    [InlineData("25%", 4, true, 1)]
    [InlineData("25%", 4, false, 1)]
    [InlineData("25%", 10, true, 3)]
    [InlineData("25%", 10, false, 2)]
    [InlineData("0%", 10, true, 0)]
    [InlineData("100%", 7, false, 7)]
    [InlineData("150%", 2, true, 3)]
    [InlineData("25%", 0, true, 0)]
    public void A_percentage_is_rounded_as_asked(string text, int total, bool up, int expected) => Assert.Equal(expected, ((IntOrString)text).Scale(total, up));

    [Fact]
    public void A_number_is_itself() => Assert.Equal(3, ((IntOrString)3).Scale(100, true));

    [Theory]
    [InlineData("http")]
    [InlineData("%")]
    [InlineData("-5%")]
    [InlineData("5.5%")]
    public void Other_texts_are_no_percentage(string text) => Assert.Throws<FormatException>(() => ((IntOrString)text).Scale(10, true));

    [Fact]
    public void Json_keeps_number_and_text_apart()
    {
        Assert.Equal("80", JsonSerializer.Serialize<IntOrString>(80, KubeJson.Options));
        Assert.Equal("\"80\"", JsonSerializer.Serialize<IntOrString>("80", KubeJson.Options));
        Assert.Equal((IntOrString)80, JsonSerializer.Deserialize<IntOrString>("80", KubeJson.Options));
        Assert.Equal((IntOrString)"http", JsonSerializer.Deserialize<IntOrString>("\"http\"", KubeJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<IntOrString>("1.5", KubeJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<IntOrString>("99999999999", KubeJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<IntOrString>("true", KubeJson.Options));
    }
}
