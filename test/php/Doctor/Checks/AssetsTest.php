<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Revurb\Doctor\Code;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\LocalServerTestCase;

final class AssetsTest extends LocalServerTestCase
{
    private function built(string $script, string $host = ''): void
    {
        mkdir("{$this->base}/public/build/assets", recursive: true);
        file_put_contents("{$this->base}/public/build/manifest.json", '{"resources/css/app.css":{"file":"assets/app.css"},"resources/js/app.js":{"file":"assets/app-1.js"}}');
        file_put_contents("{$this->base}/public/build/assets/app-1.js", $script);
        file_put_contents("{$this->base}/.env", $host === '' ? '' : "VITE_REVERB_HOST={$host}\n");
    }

    public function test_assets_that_were_built_with_the_current_key_are_ok(): void
    {
        $this->built('window.Echo=new r({broadcaster:"reverb",key:"the-key",wsHost:"chat.test",wsPort:"80"})', 'chat.test');

        $this->assertSame('public/build/assets/app-1.js: built with the key of the app', $this->found('assets')->subject);
    }

    public function test_assets_of_an_older_env_file_are_a_problem(): void
    {
        $this->built('new r({broadcaster:`reverb`,key:`old-key`,wsHost:`chat.test`})');
        $this->assertFound(Status::Problem, Code::AssetsOutdated, 'built with the key old-key', 'npm run build', $this->found('assets'));

        // Vite's own server reads .env.
        touch("{$this->base}/public/hot");
        $this->assertSame(Status::Ok, $this->found('assets')->status);
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
}
