using ControlPlane.Registry.Validation;

namespace UnitTests.Registry;

public class NamesTests
{
    private const string Label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
        + "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    [Theory]
    [InlineData("a", null)]
    [InlineData("0-a", null)]
    [InlineData("", Label)]
    [InlineData("A", Label)]
    [InlineData("-a", Label)]
    [InlineData("a-", Label)]
    [InlineData("a.b", Label)]
    [InlineData("a\n", Label)]
    [InlineData("ä", Label)]
    public void A_label_is_lower_case_and_has_its_dashes_inside(string name, string? problem) => Assert.Equal(problem, Names.Dns1123Label(name));

    [Fact]
    public void A_label_has_63_characters_at_the_most()
    {
        Assert.Null(Names.Dns1123Label(new string('a', 63)));
        Assert.Equal("must be no more than 63 bytes", Names.Dns1123Label(new string('a', 64)));
    }

    [Theory]
    [InlineData("my.name", true)]
    [InlineData("a..b", false)]
    [InlineData(".a", false)]
    [InlineData("a_b", false)]
    public void A_subdomain_is_labels_joined_by_dots(string name, bool valid) => Assert.Equal(valid, Names.Dns1123Subdomain(name) is null);

    [Theory]
    [InlineData("app", null)]
    [InlineData("example.com/My_Name.x", null)]
    [InlineData("/x", "prefix part must be non-empty")]
    [InlineData("x/", "name part must be non-empty")]
    [InlineData("a b", "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    public void A_label_key_may_have_a_domain_before_it(string key, string? problem) => Assert.Equal(problem, Names.QualifiedName(key));

    [Theory]
    [InlineData("http", null)]
    [InlineData("a-port-name-of-16", "must be no more than 15 characters")]
    [InlineData("80", "must contain at least one letter (a-z)")]
    [InlineData("a--b", "must not contain consecutive hyphens")]
    [InlineData("a-", "must not begin or end with a hyphen")]
    [InlineData("Http", "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")]
    public void A_port_name_is_an_IANA_service_name(string name, string? problem) => Assert.Equal(problem, Names.PortName(name));

    [Theory]
    [InlineData("MY_VAR", true)]
    [InlineData("1st.var-x", true)]
    [InlineData("a=b", false)]
    [InlineData("a\tb", false)]
    [InlineData("", false)]
    public void An_environment_variable_name_is_printable_and_has_no_equals_sign(string name, bool valid) =>
        Assert.Equal(valid, Names.EnvVarName(name) is null);

    [Theory]
    [InlineData("key.name", null)]
    [InlineData("..", "must not be '..'")]
    [InlineData("..x", "must not start with '..'")]
    public void A_config_key_can_become_a_file_name(string key, string? problem) => Assert.Equal(problem, Names.ConfigKey(key));
}
