/** The samples as one picture: each measure against time, on an axis of its own. */
import { init } from 'echarts';
import { MEASURES, type Sample } from './samples.ts';

const WIDTH = 960;
const HEIGHT = 160;

/** An SVG. */
export function drawSamples(samples: readonly Sample[]): string {
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: HEIGHT * MEASURES.length,
  });
  try {
    const at = (i: number) => ({ left: 70, right: 20, top: 30 + i * HEIGHT, height: HEIGHT - 60 });
    chart.setOption({
      animation: false,
      backgroundColor: '#fff',
      title: MEASURES.map((name, i) => ({
        text: name,
        left: 10,
        top: i * HEIGHT,
        textStyle: { fontSize: 12 },
      })),
      grid: MEASURES.map((_, i) => at(i)),
      xAxis: MEASURES.map((_, i) => ({ type: 'value', gridIndex: i, name: 's' })),
      yAxis: MEASURES.map((_, i) => ({ type: 'value', gridIndex: i, scale: true })),
      series: MEASURES.map((name, i) => ({
        type: 'line',
        showSymbol: false,
        xAxisIndex: i,
        yAxisIndex: i,
        data: samples.map((sample) => [sample.at, sample[name]]),
      })),
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
