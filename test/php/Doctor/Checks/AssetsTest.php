<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\Code;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Network;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\FakeNetwork;
use Revurb\Tests\Support\Doctor\LocalServerTestCase;

final class AssetsTest extends LocalServerTestCase
{
    /** Options of Laravel's resources/js/echo.js as Vite 5 to 7 minify them; Vite 8 prefers backticks. */
    private const ECHO_JS = 'window.Echo=new r({broadcaster:"reverb",key:"the-key",wsHost:"localhost",wsPort:"8080",wssPort:"8080",forceTLS:!1,enabledTransports:["ws","wss"]});';

    private function built(string $script, string $host = ''): void
    {
        @mkdir("{$this->base}/public/build/assets", recursive: true);
        file_put_contents("{$this->base}/public/build/manifest.json", '{"resources/css/app.css":{"file":"assets/app.css"},"resources/js/app.js":{"file":"assets/app-1.js"}}');
        file_put_contents("{$this->base}/public/build/assets/app-1.js", $script);
        file_put_contents("{$this->base}/.env", $host === '' ? '' : "VITE_REVERB_HOST={$host}\n");
    }

    private function address(string $host, string $port, string $scheme): void
    {
        file_put_contents("{$this->base}/.env", "REVERB_PORT={$port}\nVITE_REVERB_HOST={$host}\nVITE_REVERB_PORT=\"\${REVERB_PORT}\"\nVITE_REVERB_SCHEME={$scheme}\n");
    }

    /** Of a script that was built for `ws://localhost:8080`. */
    private function assertComparesPortAndScheme(): void
    {
        $this->address('localhost', '8080', 'http');
        $this->assertCurrent();

        $this->address('localhost', '18101', 'http');
        $this->assertOutdated('ws://localhost:8080', 'ws://localhost:18101');

        $this->address('localhost', '8080', 'https');
        $this->assertOutdated('ws://localhost:8080', 'wss://localhost:8080');
    }

    private function assertOutdated(string $was, string $is): void
    {
        $this->assertFound(Status::Warning, Code::AssetsOutdated, "It was built for browsers to connect to {$was}, and .env has {$is}.", 'npm run build', $this->found('assets'));
    }

    private function assertCurrent(): void
    {
        $this->assertSame('public/build/assets/app-1.js: built with the key of the app', $this->found('assets')->detail());
    }

    public function test_assets_that_were_built_with_the_current_key_are_ok(): void
    {
        $this->built('window.Echo=new r({broadcaster:"reverb",key:"the-key",wsHost:"chat.test",wsPort:"80"})', 'chat.test');

        $this->assertSame('public/build/assets/app-1.js: built with the key of the app', $this->found('assets')->subject);
    }

    public function test_assets_of_an_older_env_file_are_a_problem(): void
    {
        $this->built('new r({broadcaster:`reverb`,key:`old-key`,wsHost:`chat.test`})');
        file_put_contents("{$this->base}/.env", 'VITE_REVERB_APP_KEY=the-key');

        $this->assertFound(Status::Problem, Code::AssetsOutdated, 'built with the key old-key', 'npm run build', $this->found('assets'));
        $this->assertSame('npm run build', $this->found('assets')->fix);
    }

    public function test_a_new_build_is_no_fix_as_long_as_the_env_file_has_no_key_of_the_server(): void
    {
        foreach (['key:`old-key`', 'key:void 0', 'key:`other`'] as $key) {
            $this->built("new r({broadcaster:`reverb`,{$key}})");
            file_put_contents("{$this->base}/.env", 'VITE_REVERB_APP_KEY=other');

            $this->assertSame(Status::Problem, $this->found('addresses')->status);
            $this->assertSame('See addresses first: no app of the server has the key in .env (other). Then npm run build.', $this->found('assets')->fix);
        }
    }

    public function test_an_env_file_without_a_key_for_browsers_gets_its_line_before_the_build(): void
    {
        $this->built('new r({broadcaster:"reverb",key:void 0})');
        file_put_contents("{$this->base}/.env", "REVERB_APP_KEY=the-key\n");

        $this->assertSame('.env, a new line: VITE_REVERB_APP_KEY="${REVERB_APP_KEY}", and build the assets again (npm run build)', $this->found('assets')->fix);
    }

    #[TestWith(["REVERB_APP_KEY=\nVITE_REVERB_APP_KEY=\"\${REVERB_APP_KEY}\"\n", '.env:1 REVERB_APP_KEY=the-key'])]
    #[TestWith(['', '.env, a new line: VITE_REVERB_APP_KEY=the-key'])]
    public function test_an_env_file_without_any_key_gets_that_of_the_configuration_before_the_build(string $text, string $line): void
    {
        $this->built('new r({broadcaster:"reverb",key:void 0})');
        file_put_contents("{$this->base}/.env", $text);

        $this->assertSame("{$line}, and build the assets again (npm run build)", $this->found('assets')->fix);
    }

    public function test_a_page_whose_dev_server_does_not_answer_this_machine_is_a_warning(): void
    {
        $this->built(self::ECHO_JS);
        $ended = [
            ["http://[::1]:5173\n", new Unreachable(ConnectionError::Refused, 'Connection refused')],
            ['http://[::1]:5173', new Unreachable(ConnectionError::Silent, 'Cannot assign requested address')],
            ['https://chat.test:5174/base', new Unreachable(ConnectionError::UnknownHost)],
        ];

        foreach ($ended as [$hot, $answer]) {
            $url = trim($hot);
            $this->hot($hot, $answer);
            $this->assertFound(Status::Warning, Code::AssetsHot, "links every page to the dev server of Vite at {$url}, which does not answer this machine", 'rm public/hot', $this->found('assets'));
        }
    }

    /** It reads .env at its start, so that older assets do not count. */
    public function test_assets_that_a_dev_server_serves_are_ok(): void
    {
        $this->built('new r({broadcaster:`reverb`,key:`old-key`})');
        $answers = [new Reply(200, [], ''), new Reply(403, [], ''), new Unreachable(ConnectionError::Plain), new Unreachable(ConnectionError::Encrypted), new Unreachable(ConnectionError::Silent)];

        foreach (['http://[::1]:5173', 'https://chat.test:5174/base', 'http://localhost'] as $url) {
            foreach ($answers as $answer) {
                $this->hot($url, $answer);
                $this->assertSame('served by Vite, which reads .env at its start', $this->found('assets')->detail());
            }
        }

        // Without an address it cannot be asked.
        $this->hot('', new Unreachable(ConnectionError::Refused));
        $this->assertSame(Status::Ok, $this->found('assets')->status);
    }

    private function hot(string $text, Reply|Unreachable $answer): void
    {
        $url = $text === 'http://localhost' ? 'http://localhost:80' : trim($text);
        file_put_contents("{$this->base}/public/hot", $text);
        $this->application()->instance(Network::class, FakeNetwork::healthy()->with("{$url}/@vite/client", $answer));
    }

    public function test_assets_that_were_built_without_a_key_are_a_problem(): void
    {
        $this->built('new r({broadcaster:"reverb",key:void 0,wsHost:void 0})');

        $this->assertFound(Status::Problem, Code::AssetsOutdated, 'without a key', 'npm run build', $this->found('assets'));
    }

    /** As @laravel/echo-react and -vue are built: the defaults of every broadcaster, and those of the application. */
    public function test_default_options_without_a_key_are_not_judged(): void
    {
        $this->built('var d={pusher:{broadcaster:`pusher`,key:void 0,cluster:void 0},reverb:{broadcaster:`reverb`,key:`the-key`,wsHost:`chat.test`}};', 'chat.test');
        $this->assertStringContainsString('built with the key of the app', $this->found('assets')->subject);

        file_put_contents("{$this->base}/public/build/assets/app-1.js", 'var d={pusher:{broadcaster:`pusher`,key:void 0},reverb:{broadcaster:`reverb`,key:void 0}};');
        $this->assertSame('no options of Echo found in public/build', $this->found('assets')->subject);
    }

    public function test_assets_for_another_host_are_a_warning(): void
    {
        $this->built('new r({broadcaster:"reverb",key:"the-key",wsHost:"old.test"})', 'chat.test');

        $this->assertFound(Status::Warning, Code::AssetsOutdated, 'to old.test, and .env has chat.test', 'npm run build', $this->found('assets'));
    }

    public function test_assets_whose_options_are_made_at_run_time_are_not_judged(): void
    {
        $this->built('new r({broadcaster:"reverb",key:document.querySelector("meta").content})');

        $this->assertSame(Status::Ok, $this->found('assets')->status);
    }

    public function test_assets_for_another_port_or_scheme_are_a_warning(): void
    {
        foreach ([self::ECHO_JS, strtr(self::ECHO_JS, '"', '`')] as $script) {
            $this->built($script);
            $this->assertComparesPortAndScheme();

            $this->address('chat.test', '443', 'https');
            $this->assertOutdated('ws://localhost:8080', 'wss://chat.test:443');
        }
    }

    public function test_a_line_for_the_port_without_a_value_means_the_default_of_its_scheme(): void
    {
        $this->built(self::ECHO_JS);
        $this->address('localhost', '', 'http');
        $this->assertOutdated('ws://localhost:8080', 'ws://localhost:80');

        $this->built(strtr(self::ECHO_JS, ['"8080"' => '""']));
        $this->address('localhost', '', 'http');
        $this->assertCurrent();

        $this->address('localhost', '8080', 'http');
        $this->assertOutdated('ws://localhost:80', 'ws://localhost:8080');
    }

    public function test_a_port_is_judged_beside_a_host_that_is_made_at_run_time(): void
    {
        $this->built(strtr(self::ECHO_JS, ['"localhost"' => 'location.hostname']));
        file_put_contents("{$this->base}/.env", "VITE_REVERB_APP_KEY=the-key\nVITE_REVERB_PORT=18101\nVITE_REVERB_SCHEME=http\n");

        $this->assertOutdated('ws://127.0.0.1:8080', 'ws://127.0.0.1:18101');
    }

    public function test_pages_over_https_connect_by_wss_whatever_scheme_their_assets_have(): void
    {
        $this->configure(['app.url' => 'https://localhost']);
        $this->built(strtr(self::ECHO_JS, ['wsPort:"8080"' => 'wsPort:"80"']));
        $this->address('localhost', '8080', 'https');

        $this->assertCurrent();
    }

    /** Vite 5 to 7 leave the comparisons of `@laravel/echo-vue` and -react in, Vite 8 does not. */
    public function test_the_address_in_the_default_options_of_echo_for_vue_and_react_is_judged(): void
    {
        $rest = ',pusher:{broadcaster:"pusher",key:void 0,cluster:void 0,forceTLS:!0,wsHost:void 0,wsPort:void 0,wssPort:void 0,enabledTransports:["ws","wss"]},ably:{broadcaster:"pusher",key:void 0,wsHost:"realtime-pusher.ably.io",wsPort:443}}[e.broadcaster],...e})};d({broadcaster:"reverb"});';
        $scripts = [
            'const N={};var d=e=>{({...{reverb:{broadcaster:"reverb",key:N===void 0?void 0:"the-key",wsHost:N===void 0?void 0:"localhost",wsPort:N===void 0?void 0:"8080",wssPort:N===void 0?void 0:"8080",forceTLS:((N===void 0?void 0:"http")??"https")==="https",enabledTransports:["ws","wss"]}'.$rest,
            '(e=>{({...{reverb:{broadcaster:`reverb`,key:`the-key`,wsHost:`localhost`,wsPort:`8080`,wssPort:`8080`,forceTLS:!1,enabledTransports:[`ws`,`wss`]}'.$rest,
        ];

        foreach ($scripts as $script) {
            $this->built($script);
            $this->assertComparesPortAndScheme();
        }

        // Built before .env had host, port and scheme.
        $this->built('var d={reverb:{broadcaster:"reverb",key:N===void 0?void 0:"the-key",wsHost:void 0,wsPort:void 0,wssPort:void 0,forceTLS:!0}'.$rest);
        $this->address('localhost', '8080', 'http');
        $this->assertOutdated('wss://ws-.pusher.com:443', 'ws://localhost:8080');
    }

    public function test_an_address_that_does_not_come_from_the_env_file_is_not_judged(): void
    {
        $notJudged = [
            'a number' => 'wsHost:"localhost",wsPort:80,wssPort:443,forceTLS:!0',
            'made at run time' => 'wsHost:window.location.hostname,wsPort:window.location.port,wssPort:window.location.port,forceTLS:window.location.protocol==="https:"',
            'a text, by which pusher-js uses TLS' => 'wsHost:"localhost",wsPort:"80",wssPort:"8080",forceTLS:"https"',
            'no value, by which pusher-js uses TLS' => 'wsHost:"localhost",wsPort:"8080",wssPort:"443",forceTLS:void 0',
            'an expression' => 'wsHost:"chat."+t,wsPort:"80"+t,wssPort:t?"80":"443",forceTLS:!t',
            'elsewhere' => 'auth:{headers:{}}})({wsPort:"80",wssPort:"443",forceTLS:!0',
            'none' => 'wsHost:"localhost"',
        ];

        foreach ($notJudged as $options) {
            $this->built("new r({broadcaster:\"reverb\",key:\"the-key\",{$options}})");
            $this->address('localhost', '8080', 'http');
            $this->assertCurrent();
        }

        // .env may have another way for Laravel, and no line for browsers.
        $this->built(self::ECHO_JS);
        file_put_contents("{$this->base}/.env", "REVERB_HOST=127.0.0.1\nREVERB_PORT=18101\nREVERB_SCHEME=https\n");
        $this->assertCurrent();
    }

    public function test_of_several_connections_one_with_the_address_is_enough(): void
    {
        $this->configure(['reverb.apps.apps' => [
            ['app_id' => '123456', 'key' => 'the-key', 'secret' => 'the-secret'],
            ['app_id' => '2', 'key' => 'second', 'secret' => 'other-secret'],
        ]]);
        $second = 'new r({broadcaster:"reverb",key:"second",wsHost:"second.test",wsPort:"1",wssPort:"1",forceTLS:!0}),';
        $this->built($second.strtr(self::ECHO_JS, ['8080' => '6001']).self::ECHO_JS);
        $this->address('localhost', '8080', 'http');
        $this->assertCurrent();

        $this->built($second.self::ECHO_JS.'new r({broadcaster:"reverb",key:"the-key",wsHost:location.hostname})');
        $this->address('localhost', '18101', 'http');
        $this->assertOutdated('ws://localhost:8080', 'ws://localhost:18101');
    }

    public function test_a_chunk_that_is_loaded_later_is_judged_too(): void
    {
        $this->built('import("./lazy-1.js")');
        $this->address('localhost', '18101', 'http');
        file_put_contents("{$this->base}/public/build/manifest.json", '{"resources/js/app.js":{"file":"assets/app-1.js","dynamicImports":["resources/js/lazy.js"]},"resources/js/lazy.js":{"file":"assets/lazy-1.js","isDynamicEntry":true}}');
        file_put_contents("{$this->base}/public/build/assets/lazy-1.js", self::ECHO_JS);

        $this->assertOutdated('ws://localhost:8080', 'ws://localhost:18101');
        $this->assertSame('public/build/assets/lazy-1.js', $this->found('assets')->subject);
    }
}
