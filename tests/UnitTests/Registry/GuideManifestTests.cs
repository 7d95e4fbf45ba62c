using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>The guide's manifests, with what the server adds to them.</summary>
public class GuideManifestTests
{
    private const string Nginxrc = """
        apiVersion: v1
        kind: ReplicationController
        metadata:
          name: my-nginx
        spec:
          replicas: 2
          template:
            metadata:
              labels:
                app: nginx
            spec:
              containers:
              - name: nginx
                image: nginx
                ports:
                - containerPort: 80
        """;

    private const string RunMyNginx = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: my-nginx
        spec:
          selector:
            matchLabels:
              run: my-nginx
          replicas: 2
          template:
            metadata:
              labels:
                run: my-nginx
            spec:
              containers:
              - name: my-nginx
                image: nginx
                ports:
                - containerPort: 80
        """;

    private const string NginxSvc = """
        apiVersion: v1
        kind: Service
        metadata:
          name: my-nginx
          labels:
            run: my-nginx
        spec:
          ports:
          - port: 80
            protocol: TCP
          selector:
            run: my-nginx
        """;

    private const string Curlpod = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: curlpod
        spec:
          containers:
          - image: radial/busyboxplus:curl
            command:
              - sleep
              - "3600"
            imagePullPolicy: IfNotPresent
            name: curlcontainer
          restartPolicy: Always
        """;

    private const string NginxApp = """
        apiVersion: v1
        kind: ReplicationController
        metadata:
          name: my-nginx
        spec:
          replicas: 1
          template:
            metadata:
              labels:
                app: nginx
            spec:
              volumes:
              - name: secret-volume
                secret:
                  secretName: nginxsecret
              - name: configmap-volume
                configMap:
                  name: nginxconfigmap
              containers:
              - name: nginxhttps
                image: ymqytw/nginxhttps:1.5
                command: ["/home/auto-reload-nginx.sh"]
                ports:
                - containerPort: 443
                - containerPort: 80
                livenessProbe:
                  httpGet:
                    path: /index.html
                    port: 80
                  initialDelaySeconds: 30
                  timeoutSeconds: 1
                volumeMounts:
                - mountPath: /etc/nginx/ssl
                  name: secret-volume
                - mountPath: /etc/nginx/conf.d
                  name: configmap-volume
        """;

    private const string TemplateTail = """
        "ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{},"terminationMessagePath":"/dev/termination-log","imagePullPolicy":"Always","terminationMessagePolicy":"File"}],
        "restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},"schedulerName":"default-scheduler"
        """;

    private static void SameJson(string expected, object actual) =>
        Assert.Equal(System.Text.Json.Nodes.JsonNode.Parse(expected.Replace("TAIL", TemplateTail))!.ToJsonString(), System.Text.Json.Nodes.JsonNode.Parse(Manifest.Wire(actual))!.ToJsonString());

    [Fact]
    public void The_replication_controller_gets_selector_and_labels_from_its_template()
    {
        var rc = Manifest.Create<ReplicationController>(Nginxrc);
        SameJson("""{"name":"my-nginx","namespace":"default","generation":1,"labels":{"app":"nginx"}}""", rc.Metadata);
        SameJson("""
            {"replicas":2,"selector":{"app":"nginx"},
             "template":{"metadata":{"labels":{"app":"nginx"}},"spec":{"containers":[{"name":"nginx","image":"nginx",TAIL}}}
            """, rc.Spec!);
        SameJson("""{"replicas":0}""", rc.Status!);
    }

    [Fact]
    public void The_deployment_gets_its_strategy_and_limits()
    {
        var deployment = Manifest.Create<Deployment>(RunMyNginx);
        Assert.Null(deployment.Metadata.Labels);
        SameJson("""
            {"replicas":2,"selector":{"matchLabels":{"run":"my-nginx"}},
             "template":{"metadata":{"labels":{"run":"my-nginx"}},"spec":{"containers":[{"name":"my-nginx","image":"nginx",TAIL}},
             "strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}},
             "revisionHistoryLimit":10,"progressDeadlineSeconds":600}
            """, deployment.Spec!);
    }

    [Fact]
    public void The_service_gets_its_type_target_port_and_families()
    {
        var service = Manifest.Create<Service>(NginxSvc);
        SameJson("""
            {"ports":[{"protocol":"TCP","port":80,"targetPort":80}],"selector":{"run":"my-nginx"},"type":"ClusterIP","sessionAffinity":"None",
             "ipFamilyPolicy":"SingleStack","ipFamilies":["IPv4"],"internalTrafficPolicy":"Cluster"}
            """, service.Spec!);
        SameJson("""{"loadBalancer":{}}""", service.Status!);
    }

    [Fact]
    public void The_pod_gets_what_admission_adds()
    {
        var pod = new ControlPlane.Admission.DefaultTolerations(300, 300).AddTo(Manifest.Create<Pod>(Curlpod));
        SameJson("""
            {"containers":[{"name":"curlcontainer","image":"radial/busyboxplus:curl","command":["sleep","3600"],"resources":{},
              "terminationMessagePath":"/dev/termination-log","imagePullPolicy":"IfNotPresent","terminationMessagePolicy":"File"}],
             "restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst",
             "securityContext":{},"schedulerName":"default-scheduler",
             "tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},
                            {"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],
             "priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"}
            """, pod.Spec!);
        SameJson("""{"phase":"Pending","qosClass":"BestEffort"}""", pod.Status!);
    }

    [Fact]
    public void Defaults_of_defaults_change_nothing()
    {
        var (rc, service, pod) = (Manifest.Create<ReplicationController>(NginxApp), Manifest.Create<Service>(NginxSvc), Manifest.Create<Pod>(Curlpod));
        foreach (var obj in new KubeObject[] { rc, service, pod })
            Assert.Equal(Manifest.Wire(obj), Manifest.Wire(ControlPlane.Registry.Kinds.All.Single(k => k.Resource.Type == obj.GetType()).Default(obj)));
    }

    [Fact]
    public void The_secure_apps_probe_gets_its_defaults_and_earns_no_warning()
    {
        Assert.Equal([], Manifest.Warnings<ReplicationController>(NginxApp));
        var probe = Manifest.Create<ReplicationController>(NginxApp).Spec!.Template!.Spec!.Containers[0].LivenessProbe!;
        SameJson("""
            {"initialDelaySeconds":30,"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3,
             "httpGet":{"path":"/index.html","port":80,"scheme":"HTTP"}}
            """, probe);
    }

    [Fact]
    public void What_works_earns_no_warning()
    {
        Assert.Equal([], Manifest.Warnings<ReplicationController>(Nginxrc));
        Assert.Equal([], Manifest.Warnings<Deployment>(RunMyNginx));
        Assert.Equal([], Manifest.Warnings<Service>(NginxSvc));
        Assert.Equal([], Manifest.Warnings<Pod>(Curlpod));
    }
}
