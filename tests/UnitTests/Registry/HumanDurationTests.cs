using ControlPlane.Registry.Tables;

namespace UnitTests.Registry;

public class HumanDurationTests
{
    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-2, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(85, "85s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(5 * 60 + 30, "5m30s")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData(45 * 60 + 59, "45m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData(5 * 3600 + 20 * 60, "5h20m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData(23 * 3600 + 59 * 60, "23h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData((3 * 24 + 4) * 3600, "3d4h")]
    [InlineData(8 * 24 * 3600, "8d")]
    [InlineData(300L * 24 * 3600, "300d")]
    [InlineData(2L * 365 * 24 * 3600, "2y")]
    [InlineData((3L * 365 + 40) * 24 * 3600, "3y40d")]
    [InlineData(9L * 365 * 24 * 3600 + 5, "9y")]
    public void An_age_is_coarser_the_longer_it_is(long seconds, string text) =>
        Assert.Equal(text, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));
}
